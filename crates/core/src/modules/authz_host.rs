//! mod_authz_host: rules about where a client is.

use wsgate_directives::subnet::Subnet;

use crate::request::Request;

/// Whether the client is in one of these networks (`Require ip`).
pub(crate) fn is_in(request: &Request, networks: &[Subnet]) -> bool {
    let client = request.client();
    networks.iter().any(|network| network.contains(client))
}
