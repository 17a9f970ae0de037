//! The subcommands of `wharf create`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::data::{self, Data};
use crate::api::{Key, Kind};
use crate::cli::args::{Create, CreateDockerRegistry, CreateSecret, CreateTls, DryRun, Output, Sources, Written};
use crate::cli::encode::{encode, readable};
use crate::cli::error::Error;
use crate::cli::ui::Ui;
use crate::cli::{session, words};

/// Runs `wharf create`.
///
/// # Errors
/// Sources that can't be read, an object of that name, or a node that refuses.
pub async fn run(node: &str, namespace: &str, create: &Create, ui: &Ui) -> Result<(), Error> {
    let (object, written) = match create {
        Create::Configmap(args) => (config_map(&args.name, &data::read(&args.sources)?), &args.written),
        Create::Secret(CreateSecret::Generic(args)) => {
            (secret(&args.name, &args.sort, &data::read(&args.sources)?), &args.written)
        }
        Create::Secret(CreateSecret::Tls(args)) => (tls(args)?, &args.written),
        Create::Secret(CreateSecret::DockerRegistry(args)) => (registry(args)?, &args.written),
    };
    write(node, namespace, object, written, ui).await
}

fn config_map(name: &str, data: &Data) -> Value {
    let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
    for (key, bytes) in data {
        match std::str::from_utf8(bytes) {
            Ok(text) => object["data"][key] = text.into(),
            Err(_) => object["binaryData"][key] = BASE64_STANDARD.encode(bytes).into(),
        }
    }
    object
}

fn secret(name: &str, sort: &str, data: &Data) -> Value {
    let data: Map<String, Value> = data.iter().map(|(k, v)| (k.clone(), BASE64_STANDARD.encode(v).into())).collect();
    let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": sort});
    if !data.is_empty() {
        object["data"] = data.into();
    }
    object
}

fn tls(args: &CreateTls) -> Result<Value, Error> {
    let (cert, key) = (data::content(&args.cert)?, data::content(&args.key)?);
    for (file, bytes, sign) in [(&args.cert, &cert, "CERTIFICATE-----"), (&args.key, &key, "PRIVATE KEY-----")] {
        if !String::from_utf8_lossy(bytes).contains(sign) {
            return Err(Error::user(format!("{file} holds no PEM block of {}", sign.trim_end_matches('-'))));
        }
    }
    let data = Data::from([("tls.crt".to_owned(), cert), ("tls.key".to_owned(), key)]);
    Ok(secret(&args.name, "kubernetes.io/tls", &data))
}

/// <https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/>
fn registry(args: &CreateDockerRegistry) -> Result<Value, Error> {
    const KEY: &str = ".dockerconfigjson";
    let data = if let Some(file) = &args.from_file {
        let sources = Sources { from_file: vec![file.clone()], ..Sources::default() };
        let (_, bytes) =
            data::read(&sources)?.pop_first().ok_or_else(|| Error::user(format!("{file} holds no file")))?;
        bytes
    } else {
        let (user, password) =
            (args.docker_username.as_deref().unwrap_or_default(), args.docker_password.as_deref().unwrap_or_default());
        let mut entry = json!({
            "username": user, "password": password, "auth": BASE64_STANDARD.encode(format!("{user}:{password}")),
        });
        if let Some(email) = &args.docker_email {
            entry["email"] = email.clone().into();
        }
        json!({"auths": {&args.docker_server: entry}}).to_string().into_bytes()
    };
    Ok(secret(&args.name, "kubernetes.io/dockerconfigjson", &Data::from([(KEY.to_owned(), data)])))
}

/// Creates the object, or only shows it.
async fn write(node: &str, namespace: &str, mut object: Value, written: &Written, ui: &Ui) -> Result<(), Error> {
    let kind =
        ["ConfigMap", "Secret"].into_iter().filter_map(|k| Kind::find("v1", k)).find(|k| object["kind"] == k.kind);
    let kind = kind.ok_or_else(|| Error::user("there is no such kind"))?;
    // A namespace that nobody named is not written out: the file is to go anywhere.
    if written.dry_run == DryRun::None || namespace != "default" {
        object["metadata"]["namespace"] = namespace.into();
    }
    let told = match written.dry_run {
        DryRun::None => {
            object = session::open(node).await?.client.create(kind, &object).await?;
            "created"
        }
        DryRun::Client => {
            (kind.admit)(&object, None).map_err(|problems| {
                let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Error::user(format!("the {} is invalid: {}", kind.singular, all.join("; ")))
            })?;
            "created (dry run)"
        }
        DryRun::Server => {
            object = session::open(node).await?.client.dry().create(kind, &object).await?;
            "created (server dry run)"
        }
    };
    match written.output {
        Some(output @ (Output::Yaml | Output::Json)) => ui.data(&encode(&readable(&object), output)?),
        Some(Output::Name) => ui.data(&words::name(&Key::of(kind, &object))),
        None | Some(Output::Wide) => ui.data(&format!("{} {told}", words::name(&Key::of(kind, &object)))),
    }
    Ok(())
}
