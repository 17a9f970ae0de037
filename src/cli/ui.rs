//! What people see: data goes to stdout, everything else to stderr; a live picture only where stderr is a terminal.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the one place of the command line that prints")]

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How often the bytes of a pull are told where no picture moves.
const PULLS: Duration = Duration::from_secs(5);

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

/// A line of the picture as it stands.
struct Line {
    bar: Option<ProgressBar>,
    mark: Mark,
    text: String,
    told: Instant,
}

impl Line {
    /// Whether a line without a terminal can wait: only the bytes of a pull have changed since a moment ago.
    fn can_wait(&self, mark: Mark, text: &str) -> bool {
        let words = |text: &str| text.split(|c: char| c.is_ascii_digit() || c == '.').collect::<String>();
        let bytes = self.mark == mark && text.ends_with(" MB") && words(text) == words(&self.text);
        bytes && self.told.elapsed() < PULLS
    }
}

/// The terminal, or the pipe, in front of the user.
pub struct Ui {
    live: Option<MultiProgress>,
    lines: BTreeMap<String, Line>,
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
        if old.is_some_and(|l| l.mark == mark && l.text == text || self.live.is_none() && l.can_wait(mark, text)) {
            return;
        }
        let bar = match (&self.live, old) {
            (Some(_), Some(line)) => line.bar.clone(),
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
        let line = Line { bar, mark, text: text.to_owned(), told: Instant::now() };
        self.lines.insert(name.to_owned(), line);
    }

    /// Ends the live picture: what stands stays, what follows comes below.
    pub fn close(&mut self) {
        for line in self.lines.values() {
            if let Some(bar) = line.bar.as_ref().filter(|_| line.mark == Mark::Going) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_bytes_of_a_pull_can_wait() {
        let line = |text: &str| Line { bar: None, mark: Mark::Going, text: text.to_owned(), told: Instant::now() };
        let before = line("0 of 1 ready; web: pulling nginx:1.27: 1.2 of 30.0 MB");
        assert!(before.can_wait(Mark::Going, "0 of 1 ready; web: pulling nginx:1.27: 12.2 of 30.0 MB"));
        assert!(!before.can_wait(Mark::Going, "0 of 1 ready; web: pulling redis:7: 12.2 of 30.0 MB"));
        assert!(!before.can_wait(Mark::Failed, "0 of 1 ready; web: pulling nginx:1.27: 12.2 of 30.0 MB"));
        assert!(!line("1 of 3 ready").can_wait(Mark::Going, "2 of 3 ready"));
        let long_ago = Line { told: Instant::now().checked_sub(PULLS).unwrap(), ..before };
        assert!(!long_ago.can_wait(Mark::Going, "0 of 1 ready; web: pulling nginx:1.27: 12.2 of 30.0 MB"));
    }
}
