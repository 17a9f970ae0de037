//! What Kubernetes refuses in probes and lifecycle hooks.

use k8s_openapi::api::core::v1::{ExecAction, HTTPGetAction, Lifecycle, LifecycleHandler, Probe};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::field::{invalid, named, not_negative, one_of, port};
use super::name;
use crate::api::Problem;

const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex \
                      used for validation is '[-A-Za-z0-9]+')";

/// The probe in `field` of the container at `container`.
pub fn probe(container: &str, field: &str, probe: Option<&Probe>) -> Vec<Problem> {
    let Some(probe) = probe else { return Vec::new() };
    let path = format!("{container}.{field}");
    let mut handlers = Handlers::default();
    handlers.exec(&path, probe.exec.as_ref());
    handlers.http(&path, probe.http_get.as_ref());
    handlers.tcp(&path, probe.tcp_socket.as_ref().map(|t| &t.port));
    if let Some(grpc) = &probe.grpc {
        handlers.one(&format!("{path}.grpc"), port(&format!("{path}.grpc.port"), grpc.port).into_iter().collect());
    }
    let mut problems = handlers.problems(&path);
    for (name, value) in [
        ("initialDelaySeconds", probe.initial_delay_seconds),
        ("timeoutSeconds", probe.timeout_seconds),
        ("periodSeconds", probe.period_seconds),
        ("successThreshold", probe.success_threshold),
        ("failureThreshold", probe.failure_threshold),
    ] {
        problems.extend(not_negative(&format!("{path}.{name}"), value));
    }
    problems.extend(grace(&path, field, probe.termination_grace_period_seconds));
    if field != "readinessProbe" {
        let other = probe.success_threshold.filter(|n| *n != 1);
        problems.extend(other.map(|n| invalid(format!("{path}.successThreshold"), n, "must be 1")));
    }
    problems
}

/// Only a probe whose failure ends the container can say how long it then has.
fn grace(path: &str, field: &str, seconds: Option<i64>) -> Option<Problem> {
    let path = format!("{path}.terminationGracePeriodSeconds");
    match seconds? {
        n if field == "readinessProbe" => Some(invalid(path, n, "must not be set for readinessProbes")),
        n if n <= 0 => Some(invalid(path, n, "must be greater than 0")),
        _ => None,
    }
}

/// The hooks of a container.
pub fn lifecycle(path: &str, lifecycle: Option<&Lifecycle>) -> Vec<Problem> {
    let Some(lifecycle) = lifecycle else { return Vec::new() };
    let hooks = [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)];
    let set = hooks.into_iter().filter_map(|(name, hook)| Some((name, hook.as_ref()?)));
    set.flat_map(|(name, hook)| handler(&format!("{path}.{name}"), hook)).collect()
}

fn handler(path: &str, handler: &LifecycleHandler) -> Vec<Problem> {
    let mut handlers = Handlers::default();
    handlers.exec(path, handler.exec.as_ref());
    handlers.http(path, handler.http_get.as_ref());
    handlers.tcp(path, handler.tcp_socket.as_ref().map(|t| &t.port));
    if let Some(sleep) = &handler.sleep {
        let problem = not_negative(&format!("{path}.sleep.seconds"), Some(sleep.seconds));
        handlers.one(&format!("{path}.sleep"), problem.into_iter().collect());
    }
    handlers.problems(path)
}

/// Counts what can be probed or called: there must be exactly one.
#[derive(Default)]
struct Handlers {
    count: usize,
    problems: Vec<Problem>,
}

impl Handlers {
    fn one(&mut self, path: &str, problems: Vec<Problem>) {
        self.count += 1;
        if self.count > 1 {
            self.problems.push(Problem::forbidden(path, "may not specify more than 1 handler type"));
        } else {
            self.problems.extend(problems);
        }
    }

    fn exec(&mut self, path: &str, action: Option<&ExecAction>) {
        let Some(action) = action else { return };
        let path = format!("{path}.exec");
        let missing = action.command.as_ref().is_none_or(Vec::is_empty);
        let problem = missing.then(|| Problem::required(format!("{path}.command"), ""));
        self.one(&path, problem.into_iter().collect());
    }

    fn http(&mut self, path: &str, action: Option<&HTTPGetAction>) {
        let Some(action) = action else { return };
        let path = format!("{path}.httpGet");
        let mut problems = target(&format!("{path}.port"), &action.port);
        if action.path.as_deref().unwrap_or_default().is_empty() {
            problems.push(Problem::required(format!("{path}.path"), ""));
        }
        problems.extend(one_of(&format!("{path}.scheme"), action.scheme.as_deref(), &["HTTP", "HTTPS"]));
        for header in action.http_headers.iter().flatten() {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if header.name.is_empty() || !header.name.chars().all(fits) {
                problems.push(invalid(format!("{path}.httpHeaders"), &header.name, HEADER));
            }
        }
        self.one(&path, problems);
    }

    fn tcp(&mut self, path: &str, to: Option<&IntOrString>) {
        let Some(to) = to else { return };
        let path = format!("{path}.tcpSocket");
        self.one(&path, target(&format!("{path}.port"), to));
    }

    fn problems(mut self, path: &str) -> Vec<Problem> {
        if self.count == 0 {
            self.problems.push(Problem::required(path, "must specify a handler type"));
        }
        self.problems
    }
}

/// A port by number or by name.
pub fn target(path: &str, target: &IntOrString) -> Vec<Problem> {
    match target {
        IntOrString::Int(number) => port(path, *number).into_iter().collect(),
        IntOrString::String(text) => named(path, text, name::port),
    }
}
