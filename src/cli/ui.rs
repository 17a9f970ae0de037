//! What people see: data goes to stdout, everything else to stderr; a live picture only where stderr is a terminal.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place of the command line that prints")]

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How a line of the live picture stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Going on.
    Going,
    /// Done.
    Done,
    /// Failed.
    Failed,
}

/// The terminal, or the pipe, in front of the user.
pub struct Ui {
    live: Option<MultiProgress>,
    lines: BTreeMap<String, (Option<ProgressBar>, Mark, String)>,
}

impl Default for Ui {
    fn default() -> Self {
        Self::new()
    }
}

impl Ui {
    /// A picture that lives where stderr is a terminal and `CI` is not set.
    pub fn new() -> Self {
        let live = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        Self { live: live.then(MultiProgress::new), lines: BTreeMap::new() }
    }

    #[allow(clippy::unused_self, reason = "what is printed goes through the one place that prints")]
    /// Data, to stdout, with a line feed. A reader that went away (`wharf get pods | head -1`) is no error.
    pub fn data(&self, text: &str) {
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// Data as it is, to stdout.
    #[allow(clippy::unused_self, reason = "what is printed goes through the one place that prints")]
    pub fn raw(&self, bytes: &[u8]) -> std::io::Result<()> {
        let mut out = std::io::stdout();
        out.write_all(bytes)?;
        out.flush()
    }

    /// A remark, to stderr, above the live picture.
    pub fn say(&self, text: &str) {
        match &self.live {
            Some(live) => {
                let _ = live.println(text);
            }
            None => eprintln!("{text}"),
        }
    }

    /// Sets one line of the picture: its name, how it stands, and what about it. Without a terminal a line is printed
    /// when it changes.
    pub fn line(&mut self, name: &str, mark: Mark, text: &str) {
        let old = self.lines.get(name);
        if old.is_some_and(|(_, m, t)| *m == mark && t == text) {
            return;
        }
        let bar = match (&self.live, old) {
            (Some(_), Some((bar, ..))) => bar.clone(),
            (Some(live), None) => Some(live.add(spinner())),
            (None, _) => {
                eprintln!(
                    "{} {name}{}",
                    symbol(mark),
                    if text.is_empty() { String::new() } else { format!(": {text}") }
                );
                None
            }
        };
        if let Some(bar) = &bar {
            show(bar, name, mark, text);
        }
        self.lines.insert(name.to_owned(), (bar, mark, text.to_owned()));
    }

    /// Ends the live picture: what stands stays, what follows comes below.
    pub fn close(&mut self) {
        for (bar, mark, _) in self.lines.values() {
            if let Some(bar) = bar.as_ref().filter(|_| *mark == Mark::Going) {
                bar.abandon();
            }
        }
        self.lines.clear();
    }
}

fn symbol(mark: Mark) -> &'static str {
    match mark {
        Mark::Going => "…",
        Mark::Done => "✓",
        Mark::Failed => "✗",
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.set_style(
        ProgressStyle::with_template("{spinner:.cyan} {wide_msg}").unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn show(bar: &ProgressBar, name: &str, mark: Mark, text: &str) {
    let message = format!("{name:<36} {text}");
    if mark == Mark::Going {
        bar.set_message(message);
        return;
    }
    let colour = if mark == Mark::Done { "green" } else { "red" };
    let template = format!("{{prefix:.{colour}}} {{wide_msg}}");
    bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.set_prefix(symbol(mark));
    bar.finish_with_message(message);
}
