//! The command line of `wharf top`.

use clap::Subcommand;

/// `wharf top`.
#[derive(Debug, Subcommand)]
pub enum Top {
    /// Show what each pod uses
    #[command(visible_alias = "pod")]
    Pods {
        /// In all namespaces
        #[arg(short = 'A', long)]
        all_namespaces: bool,
        /// Each container for itself
        #[arg(long)]
        containers: bool,
        /// A label selector, such as app=web
        #[arg(short = 'l', long)]
        selector: Option<String>,
    },
    /// Show what the machine uses
    #[command(visible_alias = "node")]
    Nodes,
}
