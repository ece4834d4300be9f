//! Pictures: IDX files and PNG files to rows of grey or colour values.
//!
//! Owns what is read from picture files. It must not know tables, tasks or batches.
