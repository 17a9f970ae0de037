//! A container as Docker has it in the words of the kubelet.

use bollard::models::{ContainerInspectResponse, ContainerState, ContainerStateStatusEnum as Status, HostConfig};

use super::error::words;
use super::translate::CPU_PERIOD;
use crate::api::Timestamp;
use crate::kubelet::runtime::{Container, Limits, State};

/// The exit code of a container that could not be started.
const START_ERROR: i64 = 128;

/// The container that an inspect request told about; its address is the one in this network.
pub(super) fn container(told: ContainerInspectResponse, network: &str) -> Container {
    let created = time(told.created.as_deref()).unwrap_or(Timestamp::UNIX_EPOCH);
    let config = told.config.unwrap_or_default();
    let endpoint = told.network_settings.and_then(|s| s.networks).and_then(|mut n| n.remove(network));
    // The address that was asked for is known before the first start, and still is after the last stop.
    let address = endpoint.and_then(|e| e.ipam_config.and_then(|c| c.ipv4_address).or(e.ip_address));
    Container {
        id: told.id.unwrap_or_default(),
        name: told.name.unwrap_or_default().trim_start_matches('/').to_owned(),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        image: config.image.unwrap_or_default(),
        image_id: told.image.unwrap_or_default(),
        state: state(&told.state.unwrap_or_default(), created),
        created,
        limits: limits(&told.host_config.unwrap_or_default()),
        address: address.and_then(|a| a.parse().ok()),
    }
}

fn limits(told: &HostConfig) -> Limits {
    let set = |number: Option<i64>| number.filter(|n| *n > 0);
    let of_period = |quota: i64| quota * (1_000_000_000 / set(told.cpu_period).unwrap_or(CPU_PERIOD));
    Limits { cpu_shares: set(told.cpu_shares), nano_cpus: set(told.cpu_quota).map(of_period), memory: set(told.memory) }
}

fn state(told: &ContainerState, created: Timestamp) -> State {
    let (started, finished) = (time(told.started_at.as_deref()), time(told.finished_at.as_deref()));
    let error = words(&told.error.clone().unwrap_or_default());
    match (told.status, started) {
        // A failed start leaves `created` with an error, and never a second chance.
        (Some(Status::CREATED), _) if error.is_empty() => State::Created,
        (Some(Status::RUNNING | Status::PAUSED | Status::RESTARTING | Status::STOPPING), Some(started)) => {
            State::Running { started }
        }
        _ => State::Exited {
            started,
            finished: finished.unwrap_or(created),
            // What could not start has Kubernetes' code for that, whichever the engine found.
            code: if started.is_none() { START_ERROR } else { told.exit_code.unwrap_or_default() },
            oom: told.oom_killed.unwrap_or_default(),
            error,
        },
    }
}

/// Docker's zero time is the year 1.
fn time(text: Option<&str>) -> Option<Timestamp> {
    text?.parse().ok().filter(|t: &Timestamp| t.as_second() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(state: &str) -> State {
        let json = format!(r#"{{"Created":"2026-01-01T00:00:00Z","State":{state}}}"#);
        container(serde_json::from_str(&json).unwrap(), "wharf").state
    }

    #[test]
    fn a_failed_start_is_an_end() {
        let zero = "0001-01-01T00:00:00Z";
        let new = format!(r#"{{"Status":"created","StartedAt":"{zero}","FinishedAt":"{zero}","Error":""}}"#);
        assert_eq!(told(&new), State::Created);
        let failed = new.replace(r#""Error":"""#, r#""ExitCode":127,"Error":"no such file""#);
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let error = "no such file".to_owned();
        assert_eq!(told(&failed), State::Exited { started: None, finished: at, code: 128, oom: false, error });
    }

    #[test]
    fn running_and_ended_are_told_by_status() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (from, to) = ("2026-01-01T00:00:01.5Z", "2026-01-01T00:00:09Z");
        let text = |status: &str| {
            format!(
                r#"{{"Status":"{status}","StartedAt":"{from}","FinishedAt":"{to}","ExitCode":137,"OOMKilled":true}}"#
            )
        };
        assert_eq!(told(&text("running")), State::Running { started: at(from) });
        let (started, finished, error) = (Some(at(from)), at(to), String::new());
        assert_eq!(told(&text("exited")), State::Exited { started, finished, code: 137, oom: true, error });
    }

    #[test]
    fn the_address_is_known_while_it_is_stopped() {
        let json = r#"{"Name":"/a","NetworkSettings":{"Networks":{"wharf":{"IPAMConfig":{"IPv4Address":"10.64.1.2"},
            "IPAddress":""}}}}"#;
        let seen = |network| container(serde_json::from_str(json).unwrap(), network);
        assert_eq!(seen("wharf").address, Some([10, 64, 1, 2].into()));
        assert_eq!((seen("other").address, seen("other").name.as_str()), (None, "a"));
    }
}
