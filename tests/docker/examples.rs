//! Every example runs as it stands, and does what the README says of it.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use crate::harness::{LATER, Node, Ran, SOON, eventually};

fn folder(example: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)
}

/// A node that runs an example, which has these ports of the host in its manifests.
fn node_with(example: &str, ports: &[u16]) -> Node {
    let node = Node::new(example);
    for port in ports {
        let free = TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port));
        assert!(free.is_ok(), "examples/{example} needs port {port} of this host, which something else has");
    }
    let (http, https) = (node.http_port.to_string(), node.https_port.to_string());
    let folder = folder(example);
    let args = ["apply", "-f", folder.to_str().unwrap(), "--http-port", &http, "--https-port", &https];
    let told = node.wharf(&args);
    assert_eq!(told.code, 0, "{told}");
    let again = node.wharf(&args);
    assert!(again.code == 0 && again.err.contains(" unchanged") && !again.err.contains("configured"), "{again}");
    node
}

/// A page, by curl with these arguments and the hosts of the examples at this machine; none where the answer is an error.
fn page(node: &Node, args: &[&str]) -> Option<String> {
    let mut curl = Command::new("curl");
    for host in ["guestbook.localhost", "notes.localhost", "blog.localhost"] {
        for port in [node.http_port, node.https_port] {
            curl.args(["--resolve", &format!("{host}:{port}:127.0.0.1")]);
        }
    }
    let ran = Ran::of(curl.args(["-sSf", "-m", "10"]).args(args), "");
    node.note(&ran.to_string());
    (ran.code == 0).then_some(ran.out)
}

#[test]
fn hello() {
    let node = node_with("hello", &[8080]);
    let pods = node.names("pods -l app=hello");
    let mut left = pods.clone();
    eventually("both pods answer on the host's port", SOON, || {
        let page = page(&node, &["http://localhost:8080/"]).unwrap();
        left.retain(|pod| !page.contains(pod.as_str()));
        left.is_empty().then_some(())
    });
    assert_eq!(pods.len(), 2);
}

#[test]
fn guestbook() {
    let node = node_with("guestbook", &[]);
    let url = format!("http://guestbook.localhost:{}/", node.http_port);
    let name = "Ada <Lovelace>";
    eventually("the book can be signed", SOON, || page(&node, &["--data-urlencode", &format!("name={name}"), &url]));
    for _ in 0..4 {
        // Whichever web server asks whichever follower.
        eventually("the followers know who signed", SOON, || {
            page(&node, &[&url]).filter(|page| page.contains("<li>Ada &lt;Lovelace&gt;</li>"))
        });
    }
    let elsewhere = page(&node, &["-H", "Host: elsewhere.localhost", &url]);
    assert_eq!(elsewhere, None, "only the Ingress's host is answered");
}

#[test]
fn wordpress() {
    let node = node_with("wordpress", &[]);
    let secret = node.get("secret blog-tls");
    let certificate = std::env::temp_dir().join(format!("{}.pem", node.name));
    let encoded = secret["data"]["tls.crt"].as_str().unwrap();
    std::fs::write(&certificate, Ran::of(Command::new("base64").arg("-d"), encoded).ok()).unwrap();
    let url = format!("https://blog.localhost:{}/wp-admin/install.php", node.https_port);
    let of_example = ["--cacert", certificate.to_str().unwrap()];
    let ask = |args: &[&str]| page(&node, &[&of_example[..], args].concat());
    // WordPress shows this only once it has reached its database.
    eventually("WordPress offers to install itself", LATER, || {
        ask(&[&url]).filter(|page| page.contains("action=\"install.php?step=2\""))
    });
    let unknown = page(&node, &[&url]);
    let password = "correct-horse-battery-staple";
    let fields = ["weblog_title=Wharfside", "user_name=ada", "admin_email=ada@example.org", "blog_public=0"];
    let passwords = [format!("admin_password={password}"), format!("admin_password2={password}")];
    let sent = fields.into_iter().chain(passwords.iter().map(String::as_str)).flat_map(|f| ["--data-urlencode", f]);
    let installed = ask(&sent.chain(["-m", "60", &format!("{url}?step=2")]).collect::<Vec<_>>());
    let login = ask(&[&format!("https://blog.localhost:{}/wp-login.php", node.https_port)]);
    std::fs::remove_file(&certificate).unwrap();
    assert_eq!(unknown, None, "the certificate is the example's own, which no authority has signed");
    assert!(installed.is_some_and(|page| page.contains("Success!")));
    assert!(login.is_some_and(|page| page.contains("Wharfside")));
}

#[test]
fn notes() {
    let node = node_with("notes", &[8081, 30081]);
    let by_name = format!("http://notes.localhost:{}/", node.http_port);
    for url in ["http://localhost:8081/", "http://localhost:30081/", &by_name] {
        let page = eventually("adminer shows its form", LATER, || page(&node, &[url]));
        assert!(page.contains("Adminer") && page.contains("auth[password]"), "{url}: {page}");
    }
    assert_eq!(node.get("service notes-db -n notes")["spec"]["type"], "ClusterIP");
    let fields = ["driver]=pgsql", "server]=notes-db", "username]=notes", "password]=s3cret", "db]=notes"];
    let fields: Vec<String> = fields.iter().map(|field| format!("auth[{field}")).collect();
    let sent = fields.iter().flat_map(|field| ["--data-urlencode", field]);
    // A page that the database's password opens, with the cookies that adminer gives on the way.
    let args: Vec<&str> = ["-L", "-b", ""].into_iter().chain(sent).chain([by_name.as_str()]).collect();
    let inside = page(&node, &args).expect("adminer takes the password");
    assert!(inside.contains("PostgreSQL") && inside.contains("Create table"), "{inside}");
}

#[test]
fn postgres() {
    let node = node_with("postgres", &[]);
    let sql = |pod: &str, text: &str| {
        let ran = node.wharf(&["exec", pod, "--", "psql", "-U", "postgres", "-Atc", text]);
        (ran.code == 0).then(|| ran.out.trim().to_owned())
    };
    sql("postgres-0", "create table tides as select n from generate_series(1, 1000) n").expect("the primary writes");
    eventually("the standby has all of it", SOON, || {
        sql("postgres-1", "select count(*), sum(n) from tides").filter(|found| found == "1000|500500")
    });
    let streaming = sql("postgres-0", "select application_name, state from pg_stat_replication");
    assert_eq!(streaming.as_deref(), Some("walreceiver|streaming"));
}

#[test]
fn batch() {
    let node = node_with("batch", &[]);
    let said = node.wharf(&["logs", "job/squares"]).ok();
    assert!(["0 squared is 0", "1 squared is 1", "2 squared is 4"].iter().all(|line| said.contains(line)), "{said}");
    assert_eq!(node.get("job squares")["status"]["completedIndexes"], "0-2");
    assert_eq!(node.get("cronjob morning")["spec"]["suspend"], false);
    assert_eq!(node.names("jobs"), ["squares"], "the CronJob has not run");
}

#[test]
fn autoscale() {
    let node = node_with("autoscale", &[]);
    eventually("the autoscaler has metrics to go by", LATER, || {
        let told = node.get("hpa pages")["status"]["currentMetrics"][0]["resource"]["current"].clone();
        told["averageUtilization"].is_i64().then_some(())
    });
    assert!(node.wharf(&["top", "pods"]).ok().contains("pages-"));
    assert_eq!(node.get("pdb pages")["status"]["currentHealthy"], 1);
}
