//! Addresses and node ports of Services. What is taken follows from the stored Services alone, so nothing has to be
//! released. Pure. <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::api::Problem;
use crate::api::names::digest;
use crate::api::net::Cidr;
use crate::api::object::meta;

/// The ports that Services may be published at on the host.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport>
const NODE_PORTS: RangeInclusive<u16> = 30000..=32767;

/// Fills in what an update leaves out: the addresses, and the node ports of ports that stay.
pub(super) fn carry_over(new: &mut Value, old: &Value) {
    let (was, is) = (kind_of(old), kind_of(new));
    if was != "ExternalName" && is != "ExternalName" && absent(&new["spec"]["clusterIP"]) {
        for field in ["clusterIP", "clusterIPs"] {
            if let Some(value) = old["spec"].get(field) {
                new["spec"][field] = value.clone();
            }
        }
    }
    let old_ports = old["spec"]["ports"].as_array().cloned().unwrap_or_default();
    for port in new["spec"]["ports"].as_array_mut().into_iter().flatten() {
        let same = old_ports.iter().find(|o| o["port"] == port["port"] && protocol(o) == protocol(port));
        let Some(number) = same.map(|o| &o["nodePort"]).filter(|n| n.is_u64()) else { continue };
        if !has_node_ports(is) && port["nodePort"] == *number {
            port.as_object_mut().map(|p| p.remove("nodePort"));
        } else if has_node_ports(is) && port["nodePort"].is_null() {
            port["nodePort"] = number.clone();
        }
    }
}

/// Gives a Service the addresses and node ports that it lacks and checks those that it has. The first choice follows
/// from its name, so that a Service that is deleted and created again gets the same.
///
/// # Errors
/// Addresses and ports that are outside the range, taken, or changed.
pub(super) fn allocate(
    service: &mut Value,
    old: Option<&Value>,
    others: &[Value],
    range: Cidr,
) -> Result<(), Vec<Problem>> {
    if kind_of(service) == "ExternalName" {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            service["spec"].as_object_mut().map(|spec| spec.remove(field));
        }
        return Ok(());
    }
    let old = old.filter(|old| kind_of(old) != "ExternalName");
    let address = address(service, old, others, range).map_err(|p| vec![p])?;
    let spec = &mut service["spec"];
    spec["clusterIPs"] = json!([address]);
    spec["clusterIP"] = address.into();
    for (field, value) in [("ipFamilies", json!(["IPv4"])), ("ipFamilyPolicy", "SingleStack".into())] {
        if spec[field].is_null() {
            spec[field] = value;
        }
    }
    let wanted = match kind_of(service) {
        "NodePort" => true,
        "LoadBalancer" => service["spec"]["allocateLoadBalancerNodePorts"] != false,
        _ => false,
    };
    node_ports(service, others, wanted)
}

fn address(service: &Value, old: Option<&Value>, others: &[Value], range: Cidr) -> Result<String, Problem> {
    let path = "spec.clusterIPs[0]";
    let given = service["spec"]["clusterIP"].as_str().filter(|a| !a.is_empty());
    let given = given.or_else(|| service["spec"]["clusterIPs"][0].as_str());
    let was = old.and_then(|old| old["spec"]["clusterIP"].as_str());
    match (given, was) {
        (Some(given), Some(was)) if given == was => return Ok(given.to_owned()),
        (Some(given), Some(_)) => return Err(Problem::invalid(path, format!("\"{given}\": may not change once set"))),
        (Some("None"), _) => return Ok("None".to_owned()),
        _ => {}
    }
    let mut taken: BTreeSet<&str> = others.iter().filter_map(|o| o["spec"]["clusterIP"].as_str()).collect();
    let Some(given) = given else {
        // The first address is the API's own: <https://kubernetes.io/docs/concepts/services-networking/cluster-ip-allocation/>.
        let first = range.at(1).to_string();
        taken.insert(&first);
        return free_address(service, &taken, range)
            .ok_or_else(|| Problem::invalid(path, format!("all addresses of {range} are taken")));
    };
    let bad = |why: &str| Err(Problem::invalid(path, format!("\"{given}\": {why}")));
    match given.parse::<Ipv4Addr>() {
        Err(_) => bad("must be a valid IPv4 address"),
        Ok(ip) if !range.contains(ip) => bad(&format!("the provided IP is not in the valid range {range}")),
        Ok(_) if taken.contains(given) => bad("provided IP is already allocated"),
        Ok(_) => Ok(given.to_owned()),
    }
}

/// The first free address from the seeded one on; the first and the last of the range stay unused.
fn free_address(service: &Value, taken: &BTreeSet<&str>, range: Cidr) -> Option<String> {
    let usable = range.size() - 2;
    let start = seed(&format!("{}/{}", meta(service, "namespace"), meta(service, "name")));
    let addresses = (0..usable).map(|n| range.at(1 + (start % usable + n) % usable).to_string());
    addresses.into_iter().find(|a| !taken.contains(a.as_str()))
}

fn node_ports(service: &mut Value, others: &[Value], wanted: bool) -> Result<(), Vec<Problem>> {
    let mut taken: BTreeSet<(u64, String)> = others.iter().flat_map(used).collect();
    let mut problems = Vec::new();
    let name = format!("{}/{}", meta(service, "namespace"), meta(service, "name"));
    let ports = service["spec"]["ports"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        let Some(number) = port["nodePort"].as_u64().filter(|n| *n != 0) else { continue };
        let bad = |why: String| Problem::invalid(format!("spec.ports[{index}].nodePort"), format!("{number}: {why}"));
        if !u16::try_from(number).is_ok_and(|n| NODE_PORTS.contains(&n)) {
            let (first, last) = (NODE_PORTS.start(), NODE_PORTS.end());
            problems.push(bad(format!(
                "provided port is not in the valid range. The range of valid ports is {first}-{last}"
            )));
        } else if !taken.insert((number, protocol(port).to_owned())) {
            problems.push(bad("provided port is already allocated".into()));
        }
    }
    for port in ports.iter_mut().filter(|p| wanted && p["nodePort"].as_u64().unwrap_or(0) == 0) {
        let start = seed(&format!("{name}/{}", port["port"]));
        let count = u32::from(NODE_PORTS.end() - NODE_PORTS.start()) + 1;
        let all = (0..count).map(|n| u64::from(u32::from(*NODE_PORTS.start()) + (start % count + n) % count));
        let mut free = all.filter(|n| taken.insert((*n, protocol(port).to_owned())));
        match free.next() {
            Some(number) => port["nodePort"] = number.into(),
            None => problems.push(Problem::invalid("spec.ports", "all node ports are taken")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The node ports of a stored Service.
fn used(service: &Value) -> impl Iterator<Item = (u64, String)> {
    let ports = service["spec"]["ports"].as_array().into_iter().flatten();
    ports.filter_map(|p| Some((p["nodePort"].as_u64()?, protocol(p).to_owned())))
}

/// The type of a Service; one that wharf does not know was refused before.
fn kind_of(service: &Value) -> &'static str {
    match service["spec"]["type"].as_str() {
        Some("ExternalName") => "ExternalName",
        Some("NodePort") => "NodePort",
        Some("LoadBalancer") => "LoadBalancer",
        _ => "ClusterIP",
    }
}

fn has_node_ports(kind: &str) -> bool {
    matches!(kind, "NodePort" | "LoadBalancer")
}

fn protocol(port: &Value) -> &str {
    port["protocol"].as_str().unwrap_or("TCP")
}

fn absent(value: &Value) -> bool {
    value.as_str().is_none_or(str::is_empty)
}

fn seed(text: &str) -> u32 {
    u32::from_str_radix(&digest(text.as_bytes(), 8), 16).unwrap_or(0)
}
