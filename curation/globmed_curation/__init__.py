"""How GlobMed is built: original files become entries, entries are translated, checked and reviewed."""
