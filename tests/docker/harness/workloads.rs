//! Manifests that many scenarios need.

/// A Deployment of busybox's web server with a Service, both of this name; each page is the name of the pod that answers.
pub fn web(name: &str, replicas: u32) -> String {
    web_with(name, replicas, "", "")
}

/// The same with more fields of the Deployment's spec, and of its container, one to a line as YAML without indentation.
pub fn web_with(name: &str, replicas: u32, spec: &str, container: &str) -> String {
    let lines = |text: &str, depth: usize| {
        text.lines().map(|line| format!("{}{line}\n", " ".repeat(depth))).collect::<Vec<_>>().concat()
    };
    let (spec, container) = (lines(spec, 2), lines(container, 10));
    format!(
        r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
{spec}  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: web
          image: busybox:1.36
          command: [sh, -c, 'trap exit TERM; mkdir /www; hostname >/www/index.html; httpd -f -p 80 -h /www & wait']
          ports:
            - {{name: http, containerPort: 80}}
          readinessProbe:
            httpGet: {{path: /, port: http}}
            periodSeconds: 1
{container}---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - {{port: 80, targetPort: http}}
"#
    )
}

/// A pod from which requests are made.
pub fn client() -> String {
    "apiVersion: v1
kind: Pod
metadata:
  name: client
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: client
      image: curlimages/curl:8.8.0
      command: [sh, -c, 'trap exit TERM; while :; do sleep 3600 & wait; done']
"
    .to_owned()
}

/// Several manifests as one.
pub fn all(manifests: &[&str]) -> String {
    manifests.join("---\n")
}
