//! Fills the volumes that a sandbox mounts, as the agent orders by the sandbox's standard input.

use std::collections::BTreeSet;
use std::future::pending;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;

use crate::kubelet::volumes::{Orders, answer, obey, parse};

/// No line is longer, in bytes: what is, is none of the agent's.
const LONGEST: usize = 64 << 20;

/// What is known of the volumes and of the orders that are under way.
pub(super) struct Fill {
    /// Where the volumes are mounted.
    root: PathBuf,
    /// Standard input; `None` if it is closed or no pipe, as when somebody tries the program by hand.
    input: Option<Receiver>,
    read: Vec<u8>,
    /// The volumes that were given to the pod's group: that is done once in the life of a sandbox.
    owned: BTreeSet<String>,
}

impl Fill {
    /// Orders that come from `input` for volumes under `root`.
    pub(super) fn of(root: &Path, input: OwnedFd) -> Self {
        let input = Receiver::from_owned_fd(input).ok();
        Self { root: root.to_owned(), input, read: Vec::new(), owned: BTreeSet::new() }
    }

    /// Waits for orders, carries them out, and returns what to answer. It may be dropped and called again while it waits.
    pub(super) async fn next(&mut self) -> String {
        loop {
            while let Some(end) = self.read.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.read.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line);
                if let Some((id, orders)) = parse(&line) {
                    return answer(id, &self.carry_out(&orders));
                }
            }
            let Some(input) = &mut self.input else { return pending().await };
            let ended = !matches!(input.read_buf(&mut self.read).await, Ok(1..));
            if ended || self.read.len() > LONGEST {
                self.read = Vec::new();
            }
            if ended {
                self.input = None;
            }
        }
    }

    fn carry_out(&mut self, orders: &Orders) -> Result<(), String> {
        for (volume, order) in orders {
            let first = !self.owned.contains(volume);
            let done = self.mounted(volume).and_then(|folder| obey(&folder, order, first));
            done.map_err(|error| format!("MountVolume.SetUp failed for volume \"{volume}\" : {error}"))?;
            if order.owner.is_some() {
                self.owned.insert(volume.clone());
            }
        }
        Ok(())
    }

    /// Where a volume is. Nothing is written where none is mounted.
    fn mounted(&self, volume: &str) -> io::Result<PathBuf> {
        let path = self.root.join(volume);
        let named = !volume.is_empty() && !volume.contains('/') && volume != "..";
        if named && path.exists() { Ok(path) } else { Err(io::Error::other("it is not mounted in the sandbox")) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;
    use crate::kubelet::volumes::{File, Files, Order, Owner, frame};

    fn files(content: &str) -> Order {
        let files = Files::from([("tls/key".to_owned(), File::new(0o400, content))]);
        Order { files: Some(files), ..Order::default() }
    }

    fn orders(volume: &str, order: Order) -> Orders {
        vec![(volume.to_owned(), order)]
    }

    #[tokio::test]
    async fn orders_are_carried_out_one_after_another_whatever_came_before() {
        let root = std::env::temp_dir().join(format!("wharf-fill-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for name in ["keys", "data"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let (input, mut agent) = std::io::pipe().unwrap();
        let mut fill = Fill::of(&root, input.into());
        let mut say = |text: &str| agent.write_all(text.as_bytes()).unwrap();

        let first = frame("1", &orders("keys", files("one")));
        // An agent died while it wrote; the next one begins anew.
        say(&first[..first.len() - 9]);
        assert!(timeout(Duration::from_millis(50), fill.next()).await.is_err(), "nothing whole has come yet");
        say(&first);
        assert_eq!(fill.next().await, "1 ok\n");
        assert_eq!(fs::read_to_string(root.join("keys/tls/key")).unwrap(), "one");
        assert_eq!(fs::metadata(root.join("keys/tls/key")).unwrap().mode() & 0o777, 0o400);

        // Two that come at once.
        say(&frame("2", &orders("keys", files("two"))));
        say(&frame("3", &orders("lost", files("x"))));
        assert_eq!(fill.next().await, "2 ok\n");
        assert_eq!(fs::read_to_string(root.join("keys/tls/key")).unwrap(), "two");
        let lost = "3 error MountVolume.SetUp failed for volume \"lost\" : it is not mounted in the sandbox\n";
        assert_eq!(fill.next().await, lost);
        say(&frame("4", &orders("../data", files("x"))));
        assert!(fill.next().await.starts_with("4 error "), "it never leaves its folder");

        // What is the containers' own is given to the group once.
        let mine = fs::metadata(&root).unwrap();
        let owner = Some(Owner { group: mine.gid(), always: true, read_only: false });
        let mode = || fs::metadata(root.join("data/file")).unwrap().mode() & 0o777;
        fs::write(root.join("data/file"), "").unwrap();
        for (id, expected) in [("5", 0o660), ("6", 0o600)] {
            fs::set_permissions(root.join("data/file"), Permissions::from_mode(0o600)).unwrap();
            say(&frame(id, &orders("data", Order { owner, ..Order::default() })));
            assert_eq!(fill.next().await, format!("{id} ok\n"));
            assert_eq!(mode(), expected);
        }
        drop(agent);
        assert!(timeout(Duration::from_millis(50), fill.next()).await.is_err(), "it only waits then");
        fs::remove_dir_all(&root).unwrap();
    }
}
