//! What the configuration says, and what is wrong with single rules.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ingress, path, rule, service, view};
use crate::api::View;
use crate::ingress::ir::Route;
use crate::ingress::path::{quoted, route};
use crate::ingress::render::configuration;
use crate::ingress::translate::translate;

/// The part of the configuration with the servers for hosts.
fn servers(view: &View) -> String {
    let text = configuration(view);
    let from = text.find("server_name _").unwrap();
    text[from..].lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n")
}

fn problems(view: &View) -> String {
    let problems = translate(view).problems;
    problems.iter().map(|p| format!("{} {}: {}\n", p.ingress, p.reason, p.message)).collect::<Vec<_>>().concat()
}

#[test]
fn hosts_and_paths() {
    let objects = [
        vec![ingress(
            "web",
            json!({"rules": [
                rule("web.example.com", &[path("/", "Prefix", "front"), path("/api/", "Prefix", "back"), path("/api", "Exact", "front")]),
                rule("*.example.com", &[path("/x", "Exact", "idle")]),
            ]}),
        )],
        service("front", &["10.0.0.2", "10.0.0.1"]).to_vec(),
        service("back", &["10.0.0.3"]).to_vec(),
        service("idle", &[]).to_vec(),
    ];
    let view = view(&objects.concat());
    assert_eq!(problems(&view), "");
    insta::assert_snapshot!(servers(&view), @r#"
    server_name _;
    location / {
    return 404;
    }
    }
    server {
    listen 80;
    server_name web.example.com;
    location = "/api" {
    proxy_pass http://shop.front.80;
    }
    location "/" {
    proxy_pass http://shop.front.80;
    }
    location "/api/" {
    proxy_pass http://shop.back.80;
    }
    }
    server {
    listen 80;
    server_name "~^[^.]+\.example\.com$";
    location = "/x" {
    return 503;
    }
    location / {
    return 404;
    }
    }
    }
    "#);
    assert!(configuration(&view).contains(
        "    upstream shop.front.80 {\n        server 10.0.0.1:8080;\n        server 10.0.0.2:8080;\n        keepalive 32;\n    }\n"
    ));
}

#[test]
fn a_default_backend_takes_the_rest() {
    let objects = [
        vec![ingress(
            "web",
            json!({
                "defaultBackend": {"service": {"name": "front", "port": {"name": "http"}}},
                "rules": [rule("a.io", &[path("/x", "Prefix", "front")])],
            }),
        )],
        service("front", &["10.0.0.1"]).to_vec(),
    ];
    insta::assert_snapshot!(servers(&view(&objects.concat())), @r#"
    server_name _;
    location "/" {
    proxy_pass http://shop.front.http;
    }
    }
    server {
    listen 80;
    server_name a.io;
    location "/" {
    proxy_pass http://shop.front.http;
    }
    location = "/x" {
    proxy_pass http://shop.front.80;
    }
    location "/x/" {
    proxy_pass http://shop.front.80;
    }
    }
    }
    "#);
}

#[test]
fn a_bad_rule_goes_alone() {
    let mut older = ingress("a", json!({"rules": [rule("a.io", &[path("/", "Prefix", "front")])]}));
    older["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
    let mut newer = ingress(
        "b",
        json!({
            "tls": [{"hosts": ["a.io"], "secretName": "missing"}, {"hosts": ["a.io"], "secretName": "empty"}],
            "rules": [
                rule("a.io", &[path("/", "Prefix", "other"), path("/gone", "Exact", "gone"), path("x", "Exact", "front")]),
                rule("a;b", &[path("/", "Prefix", "front")]),
            ],
        }),
    );
    newer["metadata"]["creationTimestamp"] = json!("2026-01-02T00:00:00Z");
    let secret =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "empty"}, "data": {"tls.crt": "eA=="}});
    let view = view(&[vec![newer, older, secret], service("front", &["10.0.0.1"]).to_vec()].concat());
    insta::assert_snapshot!(problems(&view), @r#"
    Ingress shop/b Conflict: Ingress shop/a has path / of this host already
    Ingress shop/b BadRule: path "x" is not absolute
    Ingress shop/b BadRule: host "a;b" is no DNS name
    Ingress shop/b BadCertificate: Secret shop/missing can't be used for TLS: it does not exist
    Ingress shop/b BadCertificate: Secret shop/empty can't be used for TLS: it has no tls.key
    Ingress shop/b BadBackend: there is no Service shop/gone
    "#);
    insta::assert_snapshot!(servers(&view), @r#"
    server_name _;
    location / {
    return 404;
    }
    }
    server {
    listen 80;
    server_name a.io;
    location = "/gone" {
    return 503;
    }
    location "/" {
    proxy_pass http://shop.front.80;
    }
    }
    }
    "#);
}

#[test]
fn other_classes_are_not_ours() {
    let mut foreign = ingress("a", json!({"rules": [rule("a.io", &[])]}));
    foreign["spec"]["ingressClassName"] = json!("traefik");
    let mut plain = foreign.clone();
    plain["metadata"]["name"] = json!("b");
    plain["spec"] = json!({"rules": [rule("b.io", &[])]});
    let class = json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": "nginx",
        "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}});
    let names = |objects: &[Value]| {
        let text = configuration(&view(objects));
        [text.contains("a.io"), text.contains("b.io")]
    };
    assert_eq!(names(&[foreign.clone(), plain.clone()]), [false, false]);
    assert_eq!(names(&[foreign, plain, class]), [false, true]);
}

/// nginx's own reading of a quoted parameter.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut characters = text.strip_prefix('"')?.char_indices();
    let mut read = String::new();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return Some((read, &text[at + 2..])),
            '\\' => match characters.next()?.1 {
                c @ ('"' | '\\') => read.push(c),
                c => read.extend(['\\', c]),
            },
            c => read.push(c),
        }
    }
    None
}

proptest! {
    #[test]
    fn no_path_ends_its_parameter(text in "/[ -~\n\t\"\\\\;{}$#]{0,12}") {
        match route(&text, "Exact") {
            Ok(Route::Exact(path)) => prop_assert_eq!(unquoted(&quoted(&path)).map(|(p, rest)| (p, rest.to_owned())), Some((text, String::new()))),
            other => prop_assert!(other.is_err() && text.chars().any(char::is_control)),
        }
    }
}

#[test]
fn nothing_from_a_manifest_is_a_directive() {
    let evil = ["/a\"; return 200 \"x", "/a\n}\nserver {", "/$host", "/a{b}", "/a\\\"; }", "/a #"];
    let paths: Vec<_> = evil.iter().map(|p| path(p, "ImplementationSpecific", "front")).collect();
    let mut rules = json!({"rules": [rule("a.io", &paths), rule("b.io\"; return 200", &paths)]});
    rules["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = json!("front; return 200");
    let view = view(&[vec![ingress("web", rules)], service("front", &["10.0.0.1"]).to_vec()].concat());
    let lines = servers(&view);
    let locations: Vec<_> = lines.lines().filter(|l| l.starts_with("location =")).collect();
    assert_eq!(
        locations,
        [
            r#"location = "/$host" {"#,
            r#"location = "/a #" {"#,
            r#"location = "/a\\\"; }" {"#,
            r#"location = "/a{b}" {"#,
        ]
    );
    assert!(!lines.lines().any(|l| l.starts_with("return 200")));
    insta::assert_snapshot!(problems(&view), @r#"
    Ingress shop/web BadRule: the backend "front; return 200" with port "80" can't be the name of a Service
    Ingress shop/web BadRule: path "/a\n}\nserver {" has a control character
    Ingress shop/web BadRule: host "b.io\"; return 200" is no DNS name
    "#);
}
