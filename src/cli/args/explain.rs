//! The grammar of `wharf explain`.

use clap::{Args, ValueEnum};

/// In which form the table of fields is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExplainOutput {
    /// The table for documentation
    Markdown,
}

/// `wharf explain`.
#[derive(Args, Debug)]
pub struct Explain {
    /// A kind, or a field of it: `pod`, `deployment.spec.strategy`
    pub what: Option<String>,
    /// Tell of every field whether it is honoured, without effect, or refused, and why
    #[arg(long)]
    pub support: bool,
    /// All fields below it, by name and type
    #[arg(long)]
    pub recursive: bool,
    /// The table of all fields in this form
    #[arg(short, long)]
    pub output: Option<ExplainOutput>,
}
