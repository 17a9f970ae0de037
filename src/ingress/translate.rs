//! All Ingresses of our class → what is served, and what is wrong with each.

use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::api::networking::v1::{Ingress, IngressBackend, IngressSpec};

use super::ir::{Host, Ir, Route, Target, Trouble, Upstream};
use super::{certificate, observe, path, upstream};
use crate::api::{Key, Object, View};

/// The meaning of all Ingresses. A rule that can't be served is dropped alone, with its problem.
pub fn translate(view: &View) -> Ir {
    let mut ir = Ir::default();
    let ours = observe::ingresses(view);
    let specs = || ours.iter().filter_map(|i| Some((*i, i.spec.as_ref()?)));
    for (ingress, spec) in specs() {
        rules(&mut ir, ingress, spec);
    }
    // After all rules, as it takes only what they leave.
    for (ingress, spec) in specs() {
        fallback(&mut ir, ingress, spec);
    }
    for (ingress, spec) in specs() {
        certificates(&mut ir, view, ingress, spec);
    }
    // A host of which only the certificate is named is served like any other.
    let any = ir.servers.get(&Host::Any).map(|s| s.routes.clone()).unwrap_or_default();
    ir.servers.values_mut().filter(|s| s.routes.is_empty()).for_each(|s| s.routes.clone_from(&any));
    endpoints(&mut ir, view);
    ir
}

fn rules(ir: &mut Ir, ingress: &Ingress, spec: &IngressSpec) {
    for rule in spec.rules.iter().flatten() {
        let text = rule.host.as_deref().unwrap_or_default();
        let Some(host) = host(text) else {
            trouble(ir, ingress.key(), "BadRule", format!("host {text:?} is no DNS name"));
            continue;
        };
        ir.servers.entry(host.clone()).or_default();
        for p in rule.http.iter().flat_map(|http| &http.paths) {
            let text = p.path.as_deref().unwrap_or_default();
            let found = path::route(text, &p.path_type).and_then(|route| Ok((route, target(ingress, &p.backend)?)));
            match found {
                Ok((route, target)) => add(ir, host.clone(), route, target),
                Err(message) => trouble(ir, ingress.key(), "BadRule", message),
            }
        }
    }
}

/// The default backend takes what no rule takes: under the Ingress's own hosts, and under all that have no server.
fn fallback(ir: &mut Ir, ingress: &Ingress, spec: &IngressSpec) {
    let Some(backend) = &spec.default_backend else { return };
    let target = match target(ingress, backend) {
        Ok(target) => target,
        Err(message) => return trouble(ir, ingress.key(), "BadDefaultBackend", message),
    };
    let hosts = spec.rules.iter().flatten().filter_map(|r| host(r.host.as_deref().unwrap_or_default()));
    for host in hosts.chain([Host::Any]) {
        let routes = &mut ir.servers.entry(host).or_default().routes;
        routes.entry(Route::Prefix(String::new())).or_insert_with(|| target.clone());
    }
}

fn add(ir: &mut Ir, host: Host, route: Route, target: Target) {
    let routes = &mut ir.servers.entry(host).or_default().routes;
    match routes.get(&route) {
        None => drop(routes.insert(route, target)),
        Some(older) if *older == target => {}
        Some(older) => {
            let (Route::Exact(path) | Route::Prefix(path)) = &route;
            let path = if path.is_empty() { "/" } else { path };
            let message = format!("{} has path {path} of this host already", older.by);
            trouble(ir, target.by, "Conflict", message);
        }
    }
}

fn host(text: &str) -> Option<Host> {
    let name = text.strip_prefix("*.");
    let good = |name: &str| {
        name.len() <= 253
            && name.split('.').all(|label| {
                let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
                !label.is_empty() && label.bytes().all(inner) && !label.starts_with('-') && !label.ends_with('-')
            })
    };
    match (text, name) {
        ("", _) => Some(Host::Any),
        (_, Some(name)) => good(name).then(|| Host::Under(name.to_owned())),
        (name, None) => good(name).then(|| Host::Name(name.to_owned())),
    }
}

fn target(ingress: &Ingress, backend: &IngressBackend) -> Result<Target, String> {
    let service = backend.service.as_ref().ok_or("a backend that is no Service can't be served")?;
    let port = service.port.as_ref();
    let port = port.and_then(|p| p.number.map(|n| n.to_string()).or_else(|| p.name.clone()));
    let port = port.ok_or_else(|| format!("the backend {:?} names no port", service.name))?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain(&service.name) || !plain(&port) || !plain(ingress.namespace()) {
        return Err(format!("the backend {:?} with port {port:?} can't be the name of a Service", service.name));
    }
    let upstream = Upstream { namespace: ingress.namespace().to_owned(), service: service.name.clone(), port };
    Ok(Target { upstream, by: ingress.key() })
}

/// Each host gets the certificate of the oldest Ingress that has a good one for it.
fn certificates(ir: &mut Ir, view: &View, ingress: &Ingress, spec: &IngressSpec) {
    for tls in spec.tls.iter().flatten() {
        let Some(name) = tls.secret_name.as_deref().filter(|n| !n.is_empty()) else { continue };
        let secret = view.get::<Secret>(ingress.namespace(), name).ok_or_else(|| "it does not exist".to_owned());
        let pair = match secret.and_then(certificate::of) {
            Ok(pair) => pair,
            Err(why) => {
                let message = format!("Secret {}/{name} can't be used for TLS: {why}", ingress.namespace());
                trouble(ir, ingress.key(), "BadCertificate", message);
                continue;
            }
        };
        let hosts = tls.hosts.iter().flatten().filter_map(|text| host(text));
        let mut hosts: Vec<_> = hosts.collect();
        if hosts.is_empty() {
            hosts.push(Host::Any);
        }
        for host in hosts {
            ir.servers.entry(host).or_default().certificate.get_or_insert_with(|| pair.name.clone());
        }
        if ir.servers.values().any(|s| s.certificate.as_ref() == Some(&pair.name)) {
            ir.certificates.insert(format!("{}.pem", pair.name), pair.certificate);
            ir.certificates.insert(format!("{}.key", pair.name), pair.key);
        }
    }
}

fn endpoints(ir: &mut Ir, view: &View) {
    let targets: Vec<_> = ir.servers.values().flat_map(|s| s.routes.values()).cloned().collect();
    for Target { upstream, by } in targets {
        match upstream::endpoints(view, &upstream) {
            Ok(ready) if ready.is_empty() => {}
            Ok(ready) => drop(ir.upstreams.insert(upstream, ready)),
            Err(message) => trouble(ir, by, "BadBackend", message),
        }
    }
}

fn trouble(ir: &mut Ir, ingress: Key, reason: &'static str, message: String) {
    let trouble = Trouble { ingress, reason, message };
    if !ir.problems.contains(&trouble) {
        ir.problems.push(trouble);
    }
}
