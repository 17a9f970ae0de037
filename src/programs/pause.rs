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

/// Where the pod's name resolution goes; nothing is changed where nothing is given.
#[derive(Debug, Default, clap::Args)]
pub struct Resolver {
    /// Add to what the engine wrote instead of replacing it.
    #[arg(long)]
    keep: bool,
    /// The address of a name server.
    #[arg(long)]
    nameserver: Vec<String>,
    /// Search domains.
    #[arg(long, value_delimiter = ',')]
    search: Vec<String>,
    /// A resolver option such as ndots:5.
    #[arg(long)]
    option: Vec<String>,
    /// An entry of /etc/hosts: an address and a name.
    #[arg(long)]
    alias: Vec<String>,
}

impl Resolver {
    /// The text of a resolv.conf in the place of `old`. <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
    fn render(&self, old: &str) -> String {
        let lines = |word: &str, values: &[String]| {
            let kept = old.lines().filter(|_| self.keep).filter_map(|l| l.trim().strip_prefix(word));
            let kept = kept.flat_map(str::split_whitespace).map(str::to_owned);
            let name = |option: &str| option.split(':').next().unwrap_or_default().to_owned();
            let kept = kept.filter(|k| !values.iter().any(|v| name(v) == name(k)));
            kept.chain(values.iter().cloned()).collect::<Vec<_>>()
        };
        let mut text = String::new();
        for server in lines("nameserver ", &self.nameserver) {
            let _ = writeln!(text, "nameserver {server}");
        }
        for (word, values) in [("search", &self.search), ("options", &self.option)] {
            let values = lines(&format!("{word} "), values);
            if !values.is_empty() {
                let _ = writeln!(text, "{word} {}", values.join(" "));
            }
        }
        text
    }

    /// The entries that a hosts file does not have yet.
    fn aliases(&self, old: &str) -> String {
        let new = self.alias.iter().filter(|alias| !old.lines().any(|line| line == *alias));
        new.fold(String::new(), |text, alias| format!("{text}{alias}\n"))
    }

    /// Writes into the files that the engine mounts, in place: it mounts these very files into every container that joins
    /// the sandbox. Asking the node directly instead of Docker's resolver is three times as fast, and a dead name server
    /// costs nothing.
    fn write(&self) -> io::Result<()> {
        const RESOLVER: &str = "/etc/resolv.conf";
        const HOSTS: &str = "/etc/hosts";
        if self.keep || !self.nameserver.is_empty() {
            let old = std::fs::read_to_string(RESOLVER).unwrap_or_default();
            std::fs::write(RESOLVER, self.render(&old))?;
        }
        if !self.alias.is_empty() {
            let old = std::fs::read_to_string(HOSTS).unwrap_or_default();
            std::fs::write(HOSTS, format!("{old}{}", self.aliases(&old)))?;
        }
        Ok(())
    }
}

/// Runs until a SIGTERM or SIGINT.
pub(super) async fn run(resolver: &Resolver) -> io::Result<()> {
    resolver.write()?;
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
        let of = |a, b, c| {
            let resolver = Resolver { nameserver: words(a), search: words(b), option: words(c), ..Resolver::default() };
            resolver.render("nameserver 127.0.0.11\n")
        };
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

    #[test]
    fn what_is_kept_is_added_to() {
        let own = |text: &str| vec![text.to_owned()];
        let resolver = Resolver {
            keep: true,
            nameserver: own("9.9.9.9"),
            search: own("x.org"),
            option: own("ndots:2"),
            alias: vec!["1.2.3.4 a".to_owned(), "1.2.3.4 b".to_owned()],
        };
        insta::assert_snapshot!(resolver.render("# of the host\nnameserver 10.0.0.1\nsearch lan\noptions ndots:0 edns0\n"), @r"
        nameserver 10.0.0.1
        nameserver 9.9.9.9
        search lan x.org
        options edns0 ndots:2
        ");
        assert_eq!(resolver.aliases("127.0.0.1 localhost\n1.2.3.4 b\n"), "1.2.3.4 a\n");
    }
}
