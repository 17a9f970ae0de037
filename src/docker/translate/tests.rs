//! What Docker is asked for.

use std::net::Ipv4Addr;

use super::*;
use crate::kubelet::runtime::{Dns, Resources, Security};

const VOLUMES: &std::collections::BTreeMap<String, String> = &std::collections::BTreeMap::new();
const NODE: Surroundings<'_> =
    Surroundings { node: "wharf", bind: "127.0.0.1", state: "/volumes/state", volumes: VOLUMES };

fn text(spec: &ContainerSpec) -> String {
    let mut body = serde_json::to_value(body(spec, &NODE)).unwrap();
    body.sort_all_objects();
    // What is the same for all is shown once, in the test of a plain container.
    let host = body["HostConfig"].as_object_mut().unwrap();
    host.retain(|key, value| {
        !["Init", "LogConfig", "RestartPolicy"].contains(&key.as_str()) && value.as_bool() != Some(false)
    });
    body.as_object_mut().unwrap().retain(|_, value| value.as_bool() != Some(false));
    serde_yaml::to_string(&body).unwrap()
}

#[test]
fn a_sandbox_has_address_ports_and_resolver() {
    let port = |host_ip: &str, host, container, protocol: &str| Port {
        host_ip: host_ip.to_owned(),
        host,
        container,
        protocol: protocol.to_owned(),
    };
    let spec = ContainerSpec {
        name: "wharf.shop.web".to_owned(),
        image: "wharf:1".to_owned(),
        network: Network::Node(Ipv4Addr::new(10, 64, 1, 2)),
        dns: Dns { servers: vec!["10.64.255.254".to_owned()], ..Default::default() },
        hosts: vec![("10.0.0.1".to_owned(), "a b".to_owned())],
        hostname: Some("web".to_owned()),
        ports: vec![port("", 8080, 80, "tcp"), port("0.0.0.0", 8081, 80, "tcp")],
        ..Default::default()
    };
    insta::assert_snapshot!(text(&spec), @r#"
    Env: []
    ExposedPorts:
      80/tcp: {}
    HostConfig:
      Dns:
      - 10.64.255.254
      ExtraHosts:
      - a:10.0.0.1
      - b:10.0.0.1
      IpcMode: shareable
      NetworkMode: wharf
      PortBindings:
        80/tcp:
        - HostIp: 127.0.0.1
          HostPort: '8080'
        - HostIp: 0.0.0.0
          HostPort: '8081'
    Hostname: web
    Image: wharf:1
    Labels:
      wharf.node: wharf
    NetworkingConfig:
      EndpointsConfig:
        wharf:
          IPAMConfig:
            IPv4Address: 10.64.1.2
    "#);
}

#[test]
fn a_container_joins_its_sandbox() {
    let bind =
        |source, target: &str, read_only| Mount { source, target: target.to_owned(), read_only, propagation: None };
    let spec = ContainerSpec {
        image: "nginx:1".to_owned(),
        entrypoint: Some(vec!["/run".to_owned()]),
        env: vec![("B".to_owned(), "2".to_owned()), ("A".to_owned(), "1=1".to_owned())],
        network: Network::Of("s1".to_owned()),
        ipc: Share::Of("s1".to_owned()),
        mounts: vec![
            bind(Source::State("pods/u/volumes/c".to_owned()), "/etc/c", true),
            bind(Source::Volume("data".to_owned()), "/data", false),
            Mount { propagation: Some("rslave".to_owned()), ..bind(Source::Host("/srv".to_owned()), "/srv", false) },
        ],
        resources: Resources {
            limits: Limits { nano_cpus: Some(2_500_000_000), memory: Some(64 << 20), ..Default::default() },
            ..Default::default()
        },
        security: Security { cap_drop: vec!["ALL".to_owned()], ..Default::default() },
        groups: vec![7],
        ..Default::default()
    };
    insta::assert_snapshot!(text(&spec), @r#"
    Entrypoint:
    - /run
    Env:
    - B=2
    - A=1=1
    HostConfig:
      CapDrop:
      - ALL
      CpuPeriod: 100000
      CpuQuota: 250000
      GroupAdd:
      - '7'
      IpcMode: container:s1
      Memory: 67108864
      MemorySwap: 67108864
      Mounts:
      - ReadOnly: true
        Source: /volumes/state/pods/u/volumes/c
        Target: /etc/c
        Type: bind
      - ReadOnly: false
        Source: data
        Target: /data
        Type: volume
      - BindOptions:
          Propagation: rslave
        ReadOnly: false
        Source: /srv
        Target: /srv
        Type: bind
      NetworkMode: container:s1
    Image: nginx:1
    Labels:
      wharf.node: wharf
    "#);
}

#[test]
fn every_container_has_small_logs_and_no_restart_policy() {
    let host = body(&ContainerSpec::default(), &NODE).host_config.unwrap();
    assert_eq!(host.log_config, Some(log_config()));
    assert_eq!(host.restart_policy.unwrap().name, Some(RestartPolicyNameEnum::NO));
    assert_eq!((host.init, host.network_mode.as_deref()), (Some(false), Some("none")));
}
