//! The mail carriers: SMTP, a directory of .eml files, memory.
