//! One manifest a kind, before and after its defaults.

use serde_json::{Value, json};

use crate::api::Kind;

/// What the fields at the given JSON pointers became.
fn defaulted(api_version: &str, kind: &str, object: &Value, pointers: &[&str]) -> Value {
    let row = Kind::find(api_version, kind).unwrap();
    let after = (row.admit)(object, None).unwrap();
    pointers.iter().map(|p| after.pointer(p).cloned().unwrap_or(Value::Null)).collect()
}

fn pod(spec: &Value) -> Value {
    json!({"metadata": {"name": "p", "namespace": "default"}, "spec": spec})
}

#[test]
fn a_bare_pod_gets_what_the_kubelet_relies_on() {
    let bare = pod(&json!({"containers": [{"name": "c", "image": "nginx"}]}));
    let spec = [
        "restartPolicy",
        "dnsPolicy",
        "terminationGracePeriodSeconds",
        "schedulerName",
        "securityContext",
        "enableServiceLinks",
        "serviceAccountName",
        "serviceAccount",
    ];
    let spec = spec.map(|f| format!("/spec/{f}"));
    let after = defaulted("v1", "Pod", &bare, &spec.each_ref().map(String::as_str));
    assert_eq!(after, json!(["Always", "ClusterFirst", 30, "default-scheduler", {}, true, "default", "default"]));
    let container = ["/spec/containers/0", "/status/phase"];
    let whole = json!({"name": "c", "image": "nginx", "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"});
    assert_eq!(defaulted("v1", "Pod", &bare, &container), json!([whole, "Pending"]));
}

#[test]
fn parts_of_a_container() {
    let full = pod(&json!({
        "hostNetwork": true,
        "containers": [{
            "name": "c", "image": "nginx:latest", "ports": [{"containerPort": 80}],
            "livenessProbe": {"httpGet": {"port": 80}, "periodSeconds": 3},
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m"}},
            "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        }],
    }));
    let c = |f: &str| defaulted("v1", "Pod", &full, &[&format!("/spec/containers/0/{f}")])[0].clone();
    assert_eq!(c("imagePullPolicy"), "IfNotPresent");
    assert_eq!(c("ports/0"), json!({"containerPort": 80, "hostPort": 80, "protocol": "TCP"}));
    assert_eq!(
        c("livenessProbe"),
        json!({"httpGet": {"path": "/", "port": 80, "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": 3,
            "successThreshold": 1, "failureThreshold": 3})
    );
    assert_eq!(c("resources/requests"), json!({"cpu": "100m", "memory": "1Gi"}));
    assert_eq!(c("env/0/valueFrom/fieldRef/apiVersion"), "v1");
}

#[test]
fn volumes_of_a_pod() {
    let pod = pod(&json!({
        "containers": [{"name": "c", "image": "nginx"}],
        "volumes": [
            {"name": "a"},
            {"name": "b", "configMap": {"name": "x"}},
            {"name": "d", "hostPath": {"path": "/srv"}},
            {"name": "e", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
        ],
    }));
    assert_eq!(
        defaulted("v1", "Pod", &pod, &["/spec/volumes"])[0],
        json!([
            {"name": "a", "emptyDir": {}},
            {"name": "b", "configMap": {"name": "x", "defaultMode": 420}},
            {"name": "d", "hostPath": {"path": "/srv", "type": ""}},
            {"name": "e", "projected": {"defaultMode": 420, "sources":
                [{"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}}]}},
        ])
    );
}

#[test]
fn workloads() {
    let template = json!({"metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]}});
    let workload = json!({"metadata": {"name": "w"},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "template": template}});
    let fields = [
        "/spec/replicas",
        "/spec/strategy",
        "/spec/revisionHistoryLimit",
        "/spec/progressDeadlineSeconds",
        "/spec/template/spec/restartPolicy",
        "/spec/template/spec/serviceAccountName",
    ];
    let rolling = json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}});
    assert_eq!(defaulted("apps/v1", "Deployment", &workload, &fields), json!([1, rolling, 10, 600, "Always", null]));
    assert_eq!(
        defaulted("apps/v1", "ReplicaSet", &workload, &["/spec/replicas", "/metadata/labels"]),
        json!([1, {"app": "x"}])
    );
}

#[test]
fn jobs() {
    let template = json!({"metadata": {"labels": {"app": "x"}},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "nginx"}]}});
    let job = |spec: Value| json!({"metadata": {"name": "w", "uid": "u"}, "spec": spec});
    let fields = ["completions", "parallelism", "backoffLimit", "completionMode", "podReplacementPolicy", "suspend"];
    let fields = fields.map(|f| format!("/spec/{f}"));
    let fields = fields.each_ref().map(String::as_str);
    let plain = job(json!({"template": template}));
    assert_eq!(
        defaulted("batch/v1", "Job", &plain, &fields),
        json!([1, 1, 6, "NonIndexed", "TerminatingOrFailed", false])
    );
    let queue = job(json!({"template": template, "parallelism": 2}));
    assert_eq!(defaulted("batch/v1", "Job", &queue, &fields[..2]), json!([null, 2]));
    assert_eq!(
        defaulted("batch/v1", "Job", &plain, &["/spec/selector", "/spec/template/metadata/labels", "/metadata/labels"]),
        json!([
            {"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}},
            {"app": "x", "batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "w",
                "controller-uid": "u", "job-name": "w"},
            {"app": "x"},
        ])
    );
    let cron = json!({"metadata": {"name": "w"}, "spec": {"schedule": "@hourly", "jobTemplate": {"spec": {"template": template}}}});
    let fields = ["concurrencyPolicy", "successfulJobsHistoryLimit", "failedJobsHistoryLimit", "suspend"];
    let fields = fields.map(|f| format!("/spec/{f}"));
    let fields = fields.each_ref().map(String::as_str);
    assert_eq!(defaulted("batch/v1", "CronJob", &cron, &fields), json!(["Allow", 3, 1, false]));
}

#[test]
fn services() {
    let of = |spec: Value| defaulted("v1", "Service", &json!({"metadata": {"name": "s"}, "spec": spec}), &["/spec"]);
    assert_eq!(
        of(json!({"ports": [{"port": 80}]}))[0],
        json!({"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
            "ipFamilyPolicy": "SingleStack", "ipFamilies": ["IPv4"],
            "ports": [{"port": 80, "targetPort": 80, "protocol": "TCP"}]})
    );
    let balanced = of(json!({"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": "web"}]}))[0].clone();
    assert_eq!(balanced["allocateLoadBalancerNodePorts"], true);
    assert_eq!(balanced["externalTrafficPolicy"], "Cluster");
    assert_eq!(balanced["ports"][0]["targetPort"], "web");
    assert_eq!(
        of(json!({"type": "ExternalName", "externalName": "db.example.com"}))[0],
        json!({"type": "ExternalName", "externalName": "db.example.com", "sessionAffinity": "None"})
    );
}

#[test]
fn the_rest() {
    let named = |more: Value| {
        let mut object = json!({"metadata": {"name": "x"}});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    };
    let secret = named(json!({"stringData": {"a": "new", "b": "hi"}, "data": {"a": "b2xk"}}));
    assert_eq!(
        defaulted("v1", "Secret", &secret, &["/data", "/stringData", "/type"]),
        json!([{"a": "bmV3", "b": "aGk="}, null, "Opaque"])
    );
    assert_eq!(
        defaulted("v1", "Namespace", &named(json!({})), &["/metadata/labels", "/spec/finalizers", "/status/phase"]),
        json!([{"kubernetes.io/metadata.name": "x"}, ["kubernetes"], "Active"])
    );
    let claim =
        named(json!({"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}));
    assert_eq!(
        defaulted("v1", "PersistentVolumeClaim", &claim, &["/spec/volumeMode", "/spec/storageClassName"]),
        json!(["Filesystem", null])
    );
    let volume = named(json!({"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
        "hostPath": {"path": "/srv"}}}));
    assert_eq!(
        defaulted("v1", "PersistentVolume", &volume, &["/spec/persistentVolumeReclaimPolicy", "/spec/hostPath/type"]),
        json!(["Retain", ""])
    );
    let class = named(json!({"provisioner": "wharf.dev/docker-volume"}));
    assert_eq!(
        defaulted("storage.k8s.io/v1", "StorageClass", &class, &["/reclaimPolicy", "/volumeBindingMode"]),
        json!(["Delete", "Immediate"])
    );
}

/// Defaults are applied at every write: what they made once they leave alone.
#[test]
fn a_second_time_changes_nothing() {
    let object = pod(&json!({"containers": [{"name": "c", "image": "nginx", "ports": [{"containerPort": 80}]}],
        "volumes": [{"name": "a"}]}));
    let row = Kind::find("v1", "Pod").unwrap();
    let once = (row.admit)(&object, None).unwrap();
    assert_eq!((row.admit)(&once, Some(&once)).unwrap(), once);
}
