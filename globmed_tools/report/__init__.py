"""From lm-eval's result files to tables that say who is served how well."""
