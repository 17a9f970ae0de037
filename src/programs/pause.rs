//! First process of a sandbox: points the shared resolver at the node, holds the namespaces, fills volumes as it is told,
//! ends at once when asked.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::path::Path;

use rustix::process::{WaitOptions, wait};
use tokio::signal::unix::{SignalKind, signal};

use super::fill::Fill;
use crate::kubelet::volumes::SANDBOX_FOLDER;

/// Where the pod's name resolution goes; nothing is changed without a name server.
#[derive(Debug, Default, clap::Args)]
pub struct Resolver {
    /// The address of a name server.
    #[arg(long)]
    nameserver: Vec<String>,
    /// Search domains.
    #[arg(long, value_delimiter = ',')]
    search: Vec<String>,
    /// A resolver option such as ndots:5.
    #[arg(long)]
    option: Vec<String>,
}

impl Resolver {
    /// The text of a resolv.conf. <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
    fn render(&self) -> String {
        let mut text = String::new();
        for server in &self.nameserver {
            let _ = writeln!(text, "nameserver {server}");
        }
        for (word, values) in [("search", &self.search), ("options", &self.option)] {
            if !values.is_empty() {
                let _ = writeln!(text, "{word} {}", values.join(" "));
            }
        }
        text
    }
}

/// Runs until a SIGTERM or SIGINT.
pub(super) async fn run(resolver: &Resolver) -> io::Result<()> {
    if !resolver.nameserver.is_empty() {
        // In place: Docker mounts this very file into every container that joins the sandbox. Asking the node directly
        // instead of Docker's resolver is three times as fast, and a dead name server costs nothing.
        std::fs::write("/etc/resolv.conf", resolver.render())?;
    }
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let mut child = signal(SignalKind::child())?;
    let mut fill = Fill::of(Path::new(SANDBOX_FOLDER), std::io::stdin().as_fd().try_clone_to_owned()?);
    loop {
        tokio::select! {
            _ = term.recv() => return Ok(()),
            _ = int.recv() => return Ok(()),
            answer = fill.next() => {
                // Nobody need be listening.
                let _ = io::stdout().write_all(answer.as_bytes()).and_then(|()| io::stdout().flush());
            }
            // Orphans become ours where the pod shares its process namespace.
            _ = child.recv() => while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {},
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolver_file_has_only_what_was_given() {
        let words = |text: &str| text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let of = |a, b, c| Resolver { nameserver: words(a), search: words(b), option: words(c) }.render();
        insta::assert_snapshot!(of("10.64.255.254", "shop.svc.cluster.local svc.cluster.local", "ndots:5"), @r"
        nameserver 10.64.255.254
        search shop.svc.cluster.local svc.cluster.local
        options ndots:5
        ");
        insta::assert_snapshot!(of("1.1.1.1 9.9.9.9", "", ""), @r"
        nameserver 1.1.1.1
        nameserver 9.9.9.9
        ");
    }
}
