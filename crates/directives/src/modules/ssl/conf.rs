//! What SSL directives set, and how scopes stand on each other.

use super::{Options, Side};
use crate::config::{Merge, Set, Setting};
use crate::merge_fields;
use crate::tls_names::{Group, Protocols};

/// What a server sets.
#[derive(Clone, Debug, Default)]
pub struct ServerConf {
    /// SSLEngine.
    pub engine: Set<bool>,
    /// SSLCertificateFile.
    pub certificates: Files,
    /// SSLCertificateKeyFile.
    pub keys: Files,
    /// SSLCertificateChainFile.
    pub chain: Set<String>,
    /// What is spoken with clients, and whom they must be.
    pub clients: Side,
    /// `SSLOpenSSLConfCmd MinProtocol`: the versions that it leaves.
    pub min_protocol: Set<Protocols>,
    /// `SSLOpenSSLConfCmd MaxProtocol`: the versions that it leaves.
    pub max_protocol: Set<Protocols>,
    /// Key exchange groups, most preferred first (SSLOpenSSLConfCmd).
    pub groups: Set<Vec<Group>>,
    /// SSLHonorCipherOrder; Off where not set.
    pub honor_cipher_order: Set<bool>,
    /// SSLSessionTickets; On where not set.
    pub session_tickets: Set<bool>,
    /// SSLCADNRequestFile.
    pub ca_names_file: Set<String>,
    /// SSLCADNRequestPath.
    pub ca_names_path: Set<String>,
    /// SSLStrictSNIVHostCheck; Off where not set.
    pub strict_sni: Set<bool>,
    /// SSLVHostSNIPolicy.
    pub sni_policy: Set<SniPolicy>,
}

impl ServerConf {
    /// The versions to speak with clients.
    pub fn protocols(&self) -> Protocols {
        let set = [self.clients.protocols, self.min_protocol, self.max_protocol];
        set.into_iter().flatten().fold(Protocols::default(), |all, set| all.and(set.value))
    }
}

merge_fields!(ServerConf {
    engine,
    certificates,
    keys,
    chain,
    clients,
    min_protocol,
    max_protocol,
    groups,
    honor_cipher_order,
    session_tickets,
    ca_names_file,
    ca_names_path,
    strict_sni,
    sni_policy,
});

/// SSLVHostSNIPolicy: how alike the virtual host of the handshake and that of the request must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SniPolicy {
    /// The same one.
    Strict,
    /// The same certificates, protocols, suites and client verification.
    #[default]
    Secure,
    /// The same client verification.
    AuthOnly,
    /// Not at all.
    Insecure,
}

/// Certificates or keys in order.
#[derive(Clone, Debug, Default)]
pub struct Files(pub Vec<Setting<String>>);

/// The first three of the inner scope take the outer one's places, the outer one's others stay, further ones follow
/// (httpd's `modssl_ctx_cfg_merge_certkeys_array`).
impl Merge for Files {
    fn merge(base: &Self, add: &Self) -> Self {
        let taken = add.0.len().min(3);
        let (first, more) = add.0.split_at(taken);
        let kept = base.0.get(taken..).unwrap_or_default();
        Self([first, kept, more].concat())
    }
}

/// What is set for requests.
#[derive(Clone, Debug, Default)]
pub struct DirConf {
    /// SSLProxyEngine; Off where not set.
    pub proxy_engine: Set<bool>,
    /// What is spoken with backends, and whom they must be.
    pub backends: Side,
    /// SSLProxyCheckPeerName.
    pub check_peer_name: Set<bool>,
    /// SSLProxyCheckPeerCN.
    pub check_peer_cn: Set<bool>,
    /// SSLProxyCheckPeerExpire; On where not set.
    pub check_peer_expire: Set<bool>,
    /// SSLProxyMachineCertificateFile.
    pub machine_file: Set<String>,
    /// SSLProxyMachineCertificatePath.
    pub machine_path: Set<String>,
    /// SSLProxyMachineCertificateChainFile.
    pub machine_chain: Set<String>,
    /// SSLRequireSSL.
    pub require_ssl: Set<()>,
    /// SSLOptions.
    pub options: Options,
    /// SSLUserName.
    pub user_name: Set<String>,
}

merge_fields!(DirConf {
    proxy_engine,
    backends,
    check_peer_name,
    check_peer_cn,
    check_peer_expire,
    machine_file,
    machine_path,
    machine_chain,
    require_ssl,
    options,
    user_name,
});
