//! Which objects must be in the API for the Ingresses, and what is told about each Ingress.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use k8s_openapi::api::networking::v1::{Ingress, IngressLoadBalancerIngress, IngressLoadBalancerStatus, IngressStatus};

use super::config::Config;
use super::ir::Trouble;
use super::objects::{self, CERTIFICATES, GOOD, HASH, NAME};
use super::observe;
use super::reload::{self, Progress, Wanted};
use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{Object, Plan, View, conditions, trouble};

/// What the API needs next. While there is no Ingress of our class there is no nginx either.
pub fn plan(view: &View, config: &Config, wanted: &Wanted, progress: &Progress) -> Plan {
    let mut plan = Plan::nothing();
    let ours = observe::ingresses(view);
    if ours.is_empty() {
        remove(view, &mut plan);
        return plan;
    }
    files(view, wanted, progress, &mut plan);
    pod(view, config, &mut plan);
    for told in troubles(view, wanted, progress).iter().filter(|t| !progress.told.contains(t)) {
        if let Some(ingress) = view.get::<Ingress>(&told.ingress.namespace, &told.ingress.name) {
            plan.warn(ingress, told.reason, &told.message);
        }
    }
    if is_served(view, wanted, progress) {
        for ingress in ours {
            status(ingress, &mut plan);
        }
    }
    plan
}

/// All that is wrong now: with single rules, with the configuration as a whole, with nginx's pod.
pub fn troubles(view: &View, wanted: &Wanted, progress: &Progress) -> Vec<Trouble> {
    let mut all = wanted.ir.problems.clone();
    let rejection = progress
        .rejection(&wanted.hash)
        .map(|words| ("Rejected", format!("nginx keeps the old configuration: {words}")));
    let pod = view.get::<Pod>(SYSTEM_NAMESPACE, NAME);
    let pod =
        pod.and_then(|p| trouble::of_pod(view, p)).map(|words| ("NotServed", format!("nginx does not run: {words}")));
    for (reason, message) in rejection.into_iter().chain(pod) {
        let about = observe::ingresses(view).into_iter().map(Object::key);
        all.extend(about.map(|ingress| Trouble { ingress, reason, message: message.clone() }));
    }
    all
}

fn remove(view: &View, plan: &mut Plan) {
    let why = "there is no Ingress of class nginx";
    if let Some(pod) = view.get::<Pod>(SYSTEM_NAMESPACE, NAME).filter(|p| !p.is_deleting()) {
        plan.delete(pod, why);
    }
    if let Some(map) = view.get::<ConfigMap>(SYSTEM_NAMESPACE, NAME) {
        plan.delete(map, why);
    }
    if let Some(secret) = view.get::<Secret>(SYSTEM_NAMESPACE, CERTIFICATES) {
        plan.delete(secret, why);
    }
}

/// Certificates first: a configuration is tested with those that it names.
fn files(view: &View, wanted: &Wanted, progress: &Progress, plan: &mut Plan) {
    let map = view.get::<ConfigMap>(SYSTEM_NAMESPACE, NAME);
    let now = map.and_then(|m| m.data.as_ref());
    let good = now.and_then(|n| n.get(GOOD)).map_or("", String::as_str);
    certificates(view, wanted, good, plan);
    let files = reload::files(now, wanted, progress);
    match map {
        None => plan.create(&objects::config_map(files), "there is an Ingress of class nginx"),
        Some(map) if map.data.as_ref() != Some(&files) => {
            let why = format!("configuration {} is {}", wanted.hash, stage(&files, wanted));
            plan.update(&ConfigMap { data: Some(files), ..map.clone() }, why);
        }
        Some(_) => {}
    }
}

fn stage(files: &BTreeMap<String, String>, wanted: &Wanted) -> &'static str {
    if files.get(GOOD) == Some(&wanted.text) {
        "good"
    } else if files.contains_key(&reload::candidate(&wanted.hash)) {
        "to be tested"
    } else {
        "refused"
    }
}

/// What is wanted, and what the good configuration still names.
fn certificates(view: &View, wanted: &Wanted, good: &str, plan: &mut Plan) {
    let secret = view.get::<Secret>(SYSTEM_NAMESPACE, CERTIFICATES);
    let now = secret.and_then(|s| s.data.as_ref());
    let kept = now.into_iter().flatten().filter(|(name, _)| good.contains(name.as_str()));
    let mut files: BTreeMap<_, _> = kept.map(|(name, bytes)| (name.clone(), bytes.0.clone())).collect();
    files.extend(wanted.ir.certificates.clone());
    let new = objects::secret(files);
    match secret {
        None => plan.create(&new, "there is an Ingress of class nginx"),
        Some(old) if old.data.clone().unwrap_or_default() != new.data.clone().unwrap_or_default() => {
            plan.update(&Secret { data: new.data, ..old.clone() }, "the certificates in use changed");
        }
        Some(_) => {}
    }
}

fn pod(view: &View, config: &Config, plan: &mut Plan) {
    let wanted = objects::pod(config);
    match view.get::<Pod>(SYSTEM_NAMESPACE, NAME) {
        None => plan.create(&wanted, "there is an Ingress of class nginx"),
        Some(pod) if pod.is_deleting() => {}
        Some(pod) if pod.annotation(HASH) != wanted.annotation(HASH) => plan.delete(pod, "its settings changed"),
        Some(pod) if finished(pod) => plan.delete(pod, "it has ended"),
        Some(_) => {}
    }
}

fn finished(pod: &Pod) -> bool {
    matches!(pod.status.as_ref().and_then(|s| s.phase.as_deref()), Some("Failed" | "Succeeded"))
}

/// Whether nginx runs with the wanted configuration.
fn is_served(view: &View, wanted: &Wanted, progress: &Progress) -> bool {
    let pod = view.get::<Pod>(SYSTEM_NAMESPACE, NAME);
    let ready =
        pod.is_some_and(|p| conditions::is_true(p.status.as_ref().and_then(|s| s.conditions.as_ref()), "Ready"));
    ready && reload::is_live(view, wanted, progress)
}

fn status(ingress: &Ingress, plan: &mut Plan) {
    let localhost = IngressLoadBalancerIngress { hostname: Some("localhost".to_owned()), ..Default::default() };
    let served = IngressLoadBalancerStatus { ingress: Some(vec![localhost]) };
    if ingress.status.as_ref().and_then(|s| s.load_balancer.as_ref()) != Some(&served) {
        let status = Some(IngressStatus { load_balancer: Some(served) });
        plan.update_status(&Ingress { status, ..ingress.clone() }, "nginx serves it");
    }
}
