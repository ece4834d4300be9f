//! The `trimtab` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    trimtab::cli::main()
}
