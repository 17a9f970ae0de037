//! What a container's declaration makes of it.

use serde_json::{Value, json};

use super::super::fixture::{merge, pod};
use super::*;

fn translate(declared: Value, spec: Value) -> Result<ContainerSpec, String> {
    let mut pod = pod();
    let mut merged = serde_json::to_value(&pod.spec).unwrap();
    merge(&mut merged, spec);
    let mut container = json!({"name": "app", "image": "nginx:1"});
    merge(&mut container, declared);
    merged["containers"] = json!([container]);
    pod.spec = serde_json::from_value(merged).unwrap();
    let image = Image { user: "www:www".to_owned(), ..Image::default() };
    let env = [("A".to_owned(), "1".to_owned())];
    let given = Given {
        node: "wharf",
        sandbox: "s1",
        target: None,
        attempt: 2,
        image: &image,
        env: &env,
        mounts: &[],
        seccomp: Some("{}"),
        runtime: None,
        memory: 8 << 30,
    };
    super::container(&pod, &pod.spec.as_ref().unwrap().containers[0], given)
}

#[test]
fn it_joins_its_sandbox_and_says_what_it_is() {
    let spec = translate(json!({}), json!({})).unwrap();
    assert_eq!(spec.name, "wharf.shop.web.app.2");
    assert_eq!((spec.network, spec.ipc), (Network::Of("s1".to_owned()), Share::Of("s1".to_owned())));
    assert_eq!((spec.entrypoint, spec.args, spec.user, spec.pid), (None, None, None, Share::Own));
    assert_eq!(spec.labels[label::ATTEMPT], "2");
    assert_eq!(spec.resources.oom_score_adj, Some(1000));
    let shared = translate(json!({}), json!({"shareProcessNamespace": true})).unwrap();
    assert_eq!(shared.pid, Share::Of("s1".to_owned()));
    let hosts = translate(json!({}), json!({"hostPID": true, "hostIPC": true})).unwrap();
    assert_eq!((hosts.pid, hosts.ipc), (Share::Host, Share::Host));
}

#[test]
fn command_and_args_are_expanded() {
    let spec = translate(json!({"command": ["run", "$(A)"], "args": ["$(B)", "$$(A)"]}), json!({})).unwrap();
    assert_eq!(spec.entrypoint.unwrap(), ["run", "1"]);
    assert_eq!(spec.args.unwrap(), ["$(B)", "$(A)"]);
}

#[test]
fn resources_as_kubernetes_counts_them() {
    let some = json!({"requests": {"cpu": "250m", "memory": "2Gi"}, "limits": {"cpu": "1", "memory": "4Gi"}});
    let got = translate(json!({"resources": some}), json!({})).unwrap().resources;
    assert_eq!(got.limits.to_string(), "256 shares, 1000m cpu, 4294967296 bytes");
    assert_eq!(got.oom_score_adj, Some(750));
    let all = json!({"limits": {"cpu": "500m", "memory": "64Mi"}});
    let got = translate(json!({"resources": all}), json!({})).unwrap().resources;
    assert_eq!((got.limits.cpu_shares, got.oom_score_adj), (Some(512), Some(0)));
}

#[test]
fn who_it_runs_as() {
    let user = |own: Value, pod: Value| {
        translate(json!({"securityContext": own}), json!({"securityContext": pod})).map(|spec| spec.user)
    };
    assert_eq!(user(json!({"runAsUser": 5}), json!({"runAsUser": 6, "runAsGroup": 7})), Ok(Some("5:7".to_owned())));
    assert_eq!(user(json!({}), json!({"runAsGroup": 7})), Ok(Some("www:7".to_owned())));
    assert_eq!(user(json!({"runAsUser": 5}), json!({"runAsNonRoot": true})), Ok(Some("5".to_owned())));
    let root = user(json!({"runAsUser": 0}), json!({"runAsNonRoot": true}));
    assert_eq!(root, Err("container's runAsUser breaks non-root policy".to_owned()));
    assert!(user(json!({}), json!({"runAsNonRoot": true})).unwrap_err().contains("non-numeric user (www)"));
}

#[test]
fn profiles_and_labels_become_options() {
    let options = |own: Value, pod: Value| {
        let spec = translate(json!({"securityContext": own}), json!({"securityContext": pod})).unwrap();
        spec.security.options.join(" ")
    };
    let localhost = |name: &str| json!({"type": "Localhost", "localhostProfile": name});
    assert_eq!(options(json!({}), json!({"seccompProfile": {"type": "RuntimeDefault"}})), "");
    assert_eq!(options(json!({"seccompProfile": localhost("a.json")}), json!({})), "seccomp={}");
    assert_eq!(
        options(json!({"appArmorProfile": localhost("a")}), json!({"appArmorProfile": {"type": "Unconfined"}})),
        "apparmor=a"
    );
    assert_eq!(
        options(json!({}), json!({"seLinuxOptions": {"type": "t", "level": "s0:c1"}})),
        "label=type:t label=level:s0:c1"
    );
    assert!(translate(json!({"securityContext": {"procMount": "Unmasked"}}), json!({})).unwrap().security.unmasked);
}

#[test]
fn the_images_groups_are_left_out_where_the_group_is_named() {
    let strict = |group: Value| {
        let context = json!({"runAsUser": 5, "runAsGroup": group, "supplementalGroupsPolicy": "Strict"});
        translate(json!({}), json!({"securityContext": context})).map(|spec| spec.user)
    };
    assert_eq!(strict(json!(7)), Ok(Some("5:7".to_owned())));
    assert!(strict(json!(null)).unwrap_err().contains("only where runAsGroup is set"));
}

#[test]
fn its_rights() {
    let spec = translate(
        json!({"securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
        }}),
        json!({"securityContext": {"fsGroup": 9, "supplementalGroups": [8], "seccompProfile": {"type": "Unconfined"}}}),
    )
    .unwrap();
    assert_eq!(spec.groups, [8, 9]);
    assert_eq!(spec.security.options, ["no-new-privileges", "seccomp=unconfined"]);
    assert_eq!((spec.security.cap_add, spec.security.cap_drop), (vec!["NET_ADMIN".to_owned()], vec!["ALL".to_owned()]));
    assert!(spec.security.read_only_root);
}
