//! What a pod's spec makes of its sandbox.

use insta::assert_snapshot;
use serde_json::json;

use super::super::fixture::{merge, pod};
use super::*;

fn translate(spec: serde_json::Value) -> ContainerSpec {
    let mut pod = pod();
    let mut merged = serde_json::to_value(&pod.spec).unwrap();
    merge(&mut merged, spec);
    pod.spec = serde_json::from_value(merged).unwrap();
    let place = Place { node: "wharf", image: "wharf:dev", dns: "10.201.255.254".parse().unwrap() };
    sandbox(&pod, place, "10.201.1.7".parse().unwrap(), Vec::new())
}

#[test]
fn a_plain_pod() {
    let spec = translate(json!({}));
    assert_eq!((spec.name.as_str(), spec.hostname.as_deref()), ("wharf.shop.web", Some("web")));
    assert_eq!(spec.network, Network::Node("10.201.1.7".parse().unwrap()));
    assert_snapshot!(spec.args.unwrap().join(" "), @"pause --nameserver 10.201.255.254 --search shop.svc.cluster.local --search svc.cluster.local --search cluster.local --option ndots:5");
    assert!(!spec.labels.contains_key(label::CONTAINER));
    assert_eq!(spec.labels[label::UID], "u1");
}

#[test]
fn its_own_resolver_settings() {
    let own = json!({"nameservers": ["9.9.9.9"], "searches": ["x.org"], "options": [{"name": "ndots", "value": "2"}]});
    let added = translate(json!({"dnsConfig": own})).dns;
    assert_eq!(added.servers, ["10.201.255.254", "9.9.9.9"]);
    assert_eq!(added.search.last().unwrap(), "x.org");
    assert_eq!(added.options, ["ndots:2"]);
    let only = translate(json!({"dnsConfig": own, "dnsPolicy": "None"})).dns;
    assert_eq!((only.servers, only.search), (vec!["9.9.9.9".to_owned()], vec!["x.org".to_owned()]));
    assert_eq!(translate(json!({"dnsPolicy": "Default"})).args.unwrap(), ["pause"]);
}

#[test]
fn names_and_ports() {
    let ports = json!([{"containerPort": 80, "hostPort": 8080}, {"containerPort": 53, "hostPort": 53, "protocol": "UDP",
        "hostIP": "127.0.0.1"}, {"containerPort": 9000}]);
    let spec = translate(json!({
        "hostname": "web-0", "subdomain": "webs",
        "hostAliases": [{"ip": "1.2.3.4", "hostnames": ["a", "b"]}],
        "containers": [{"name": "app", "image": "nginx:1", "ports": ports}],
    }));
    let hosts: Vec<_> = spec.hosts.iter().map(|(ip, name)| format!("{ip} {name}")).collect();
    assert_eq!(hosts, ["1.2.3.4 a", "1.2.3.4 b"]);
    assert_eq!(
        (spec.hostname.as_deref(), spec.domain.as_deref()),
        (Some("web-0"), Some("webs.shop.svc.cluster.local"))
    );
    let ports: Vec<_> =
        spec.ports.iter().map(|p| format!("{}:{}:{}/{}", p.host_ip, p.host, p.container, p.protocol)).collect();
    assert_eq!(ports, [":8080:80/tcp", "127.0.0.1:53:53/udp"]);
}

#[test]
fn host_names() {
    let named = |spec| {
        let spec = translate(spec);
        format!("{} {}", spec.hostname.unwrap_or_default(), spec.domain.unwrap_or_default())
    };
    let in_domain = |more: serde_json::Value| {
        let mut spec = json!({"hostname": "web-0", "subdomain": "webs"});
        merge(&mut spec, more);
        named(spec)
    };
    assert_eq!(in_domain(json!({})), "web-0 webs.shop.svc.cluster.local");
    assert_eq!(in_domain(json!({"setHostnameAsFQDN": true})), "web-0.webs.shop.svc.cluster.local ");
    assert_eq!(named(json!({"setHostnameAsFQDN": true})), "web ");
    assert_eq!(in_domain(json!({"hostnameOverride": "other.example.org"})), "other.example.org ");
}

#[test]
fn what_the_host_resolves_is_added_to_and_not_replaced() {
    let own = json!({"nameservers": ["9.9.9.9"], "options": [{"name": "edns0"}]});
    let aliases = json!([{"ip": "1.2.3.4", "hostnames": ["a", "b"]}]);
    let args = |spec| translate(spec).args.unwrap().join(" ");
    assert_snapshot!(args(json!({"dnsPolicy": "Default", "dnsConfig": own})), @"pause --keep --nameserver 9.9.9.9 --option edns0");
    assert_snapshot!(args(json!({"hostNetwork": true, "dnsPolicy": "ClusterFirst", "hostAliases": aliases})), @"pause --alias 1.2.3.4 a --alias 1.2.3.4 b");
    assert_snapshot!(args(json!({"hostNetwork": true, "dnsPolicy": "ClusterFirstWithHostNet"})), @"pause --nameserver 10.201.255.254 --search shop.svc.cluster.local --search svc.cluster.local --search cluster.local --option ndots:5");
    assert!(
        translate(json!({"hostNetwork": true, "hostAliases": aliases})).hosts.is_empty(),
        "Docker would drop the host's"
    );
}

#[test]
fn on_the_hosts_network_nothing_is_published_or_resolved_anew() {
    let ports = json!([{"containerPort": 80, "hostPort": 80}]);
    let containers = json!([{"name": "app", "image": "nginx:1", "ports": ports}]);
    let spec = translate(json!({"hostNetwork": true, "containers": containers}));
    assert_eq!((spec.network, spec.hostname, spec.dns), (Network::Host, None, Dns::default()));
    assert!(spec.ports.is_empty());
}
