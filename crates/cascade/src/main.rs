//! cascade, the command: it talks to people, and decides nothing.
//!
//! Invariant: reports go to stdout, talk to stderr, both through one [`printer`]; the environment
//! is read in [`environment`] and nowhere else.
//!
//! | word | where |
//! |---|---|
//! | a command, its options, its help | [`cli`], one file each |
//! | a report: status, plan, graph, outcome | [`report`], one file per format |
//! | how it ends | [`exit`], [`failure`] |
//! | foreign text, made harmless | [`shown`] |
//! | interrupts | [`signals`] |
//! | the family that `cascade demo` plays with | [`demo`] |

mod cli;
mod demo;

mod environment;
mod exit;
mod failure;
mod page;
mod printer;
mod progress;

mod report;
mod shown;
mod signals;
mod visible;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main().into()
}
