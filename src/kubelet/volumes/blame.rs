//! Which volume the engine means when it does not find what a sandbox is to mount.

use super::volume::PodVolume;
use crate::kubelet::runtime::Source;

/// What the engine says of a path that is not there.
const ABSENT: &str = "bind source path does not exist: ";

/// The engine's words about a mount that failed, in Kubernetes' words; `None` if they are about something else.
#[must_use]
pub fn blame(volumes: &[PodVolume], message: &str) -> Option<String> {
    let (_, path) = message.split_once(ABSENT)?;
    let is = |v: &&PodVolume| matches!(&v.source, Source::Host(own) if own == path || parent(own) == path);
    let volume = volumes.iter().find(is)?;
    let why = match &volume.order.demand {
        Some(demand) => demand.to_string(),
        None => format!("path \"{path}\" does not exist"),
    };
    Some(format!("MountVolume.SetUp failed for volume \"{}\" : {why}", volume.name))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(parent, _)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubelet::volumes::{Demand, HostPathType, Order, Prepare};

    #[test]
    fn a_path_that_is_not_there_is_its_volumes_fault() {
        let volume = |name: &str, path: &str, demand| PodVolume {
            name: name.to_owned(),
            source: Source::Host(path.to_owned()),
            read_only: false,
            prepare: Prepare::Nothing,
            order: Order { demand, ..Order::default() },
            held: false,
        };
        let kind = HostPathType::Socket;
        let volumes =
            [volume("disk", "/disk", None), volume("sock", "/run/s", Some(Demand { path: "/run/s".to_owned(), kind }))];
        let of = |path: &str| {
            blame(&volumes, &format!("container \"a\": invalid mount config for type \"bind\": {ABSENT}{path}"))
        };
        let sock =
            "MountVolume.SetUp failed for volume \"sock\" : hostPath type check failed: /run/s is not a socket file";
        assert_eq!(of("/run/s").as_deref(), Some(sock));
        let disk = "MountVolume.SetUp failed for volume \"disk\" : path \"/disk\" does not exist";
        assert_eq!(of("/disk").as_deref(), Some(disk));
        assert_eq!((of("/other"), blame(&volumes, "port is taken")), (None, None));
    }
}
