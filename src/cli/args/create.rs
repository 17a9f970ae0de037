//! The grammar of `wharf create`.

use clap::{Args, Subcommand};

use super::{DryRun, Output};

/// `wharf create`.
#[derive(Debug, Subcommand)]
pub enum Create {
    /// Create a config map from files, folders and values
    #[command(alias = "cm")]
    Configmap(CreateConfigMap),
    /// Create a secret
    #[command(subcommand)]
    Secret(CreateSecret),
}

/// `wharf create secret`.
#[derive(Debug, Subcommand)]
pub enum CreateSecret {
    /// From files, folders and values
    Generic(CreateGeneric),
    /// A certificate with its key
    Tls(CreateTls),
    /// What to log in to a registry with
    DockerRegistry(CreateDockerRegistry),
}

/// Where the keys and values come from.
#[derive(Args, Debug, Default)]
#[allow(clippy::struct_field_names, reason = "they are the names of the flags")]
pub struct Sources {
    /// A file, `KEY=FILE`, or a folder for all files in it; may be given several times
    #[arg(long, value_name = "[KEY=]FILE")]
    pub from_file: Vec<String>,
    /// `KEY=VALUE`; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    pub from_literal: Vec<String>,
    /// A file of lines `KEY=VALUE`; may be given several times
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from_file", "from_literal"])]
    pub from_env_file: Vec<String>,
}

/// What becomes of the new object.
#[derive(Args, Debug, Default)]
pub struct Written {
    /// Only show it: `client` asks no node
    #[arg(long, value_name = "HOW", default_value = "none", num_args = 0..=1, default_missing_value = "client", require_equals = true)]
    pub dry_run: DryRun,
    /// How to show it
    #[arg(short, long)]
    pub output: Option<Output>,
}

/// `wharf create configmap`.
#[derive(Args, Debug)]
pub struct CreateConfigMap {
    /// Its name
    pub name: String,
    /// Where its keys come from
    #[command(flatten)]
    pub sources: Sources,
    /// What becomes of it
    #[command(flatten)]
    pub written: Written,
}

/// `wharf create secret generic`.
#[derive(Args, Debug)]
pub struct CreateGeneric {
    /// Its name
    pub name: String,
    /// Where its keys come from
    #[command(flatten)]
    pub sources: Sources,
    /// Its type
    #[arg(long = "type", default_value = "Opaque")]
    pub sort: String,
    /// What becomes of it
    #[command(flatten)]
    pub written: Written,
}

/// `wharf create secret tls`.
#[derive(Args, Debug)]
pub struct CreateTls {
    /// Its name
    pub name: String,
    /// The file with the certificate and those that signed it, in PEM
    #[arg(long)]
    pub cert: String,
    /// The file with the key, in PEM
    #[arg(long)]
    pub key: String,
    /// What becomes of it
    #[command(flatten)]
    pub written: Written,
}

/// `wharf create secret docker-registry`.
#[derive(Args, Debug)]
pub struct CreateDockerRegistry {
    /// Its name
    pub name: String,
    /// The registry
    #[arg(long, default_value = "https://index.docker.io/v1/")]
    pub docker_server: String,
    /// The user
    #[arg(long, required_unless_present = "from_file")]
    pub docker_username: Option<String>,
    /// The password
    #[arg(long, required_unless_present = "from_file")]
    pub docker_password: Option<String>,
    /// The user's address
    #[arg(long)]
    pub docker_email: Option<String>,
    /// A file such as ~/.docker/config.json, instead of user and password
    #[arg(long, value_name = "[KEY=]FILE", conflicts_with_all = ["docker_username", "docker_password", "docker_email"])]
    pub from_file: Option<String>,
    /// What becomes of it
    #[command(flatten)]
    pub written: Written,
}
