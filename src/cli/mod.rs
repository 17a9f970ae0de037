//! The command line: one file a command; data goes to stdout, the rest to stderr.

mod addresses;
mod apply;
mod args;
mod completion;
mod create;
mod delete;
mod describe;
mod diff;
mod down;
mod encode;
mod env;
mod error;
mod events;
mod exec;
mod explain;
mod find;
mod get;
mod jsonpath;
mod label;
mod logs;
mod ready;
mod rollout;
mod run;
mod scale;
mod session;
mod set;
mod status;
mod table;
mod terminal;
mod ui;
mod up;
mod version;
mod wait;
mod words;

pub use args::Cli;
pub use run::run;
