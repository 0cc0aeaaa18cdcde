//! mod_access_compat: Order, Allow, Deny and Satisfy.

use wsgate_directives::modules::access_compat::{Clients, Order, Satisfy, Who};

use crate::request::Request;

/// Whether the rules of this module must let the request in, or may.
pub(crate) fn satisfy(request: &Request) -> Satisfy {
    let lines = request.dir.access_compat.as_ref();
    lines.map_or(Satisfy::All, |lines| lines.satisfy(&request.head.method))
}

/// Whether Allow and Deny let the request in (`check_dir_access`).
pub(crate) fn lets_in(request: &Request) -> bool {
    let Some(lines) = &request.dir.access_compat else { return true };
    let allowed = || lists(&lines.allows, request);
    let denied = || lists(&lines.denies, request);
    match lines.order(&request.head.method) {
        Order::AllowThenDeny | Order::MutualFailure => allowed() && !denied(),
        Order::DenyThenAllow => allowed() || !denied(),
    }
}

fn lists(clients: &[Clients], request: &Request) -> bool {
    let client = request.client();
    clients.iter().filter(|line| line.methods.contains(&request.head.method)).any(|line| match &line.who {
        Who::All => true,
        Who::Env(name) => request.env.contains(&**name),
        Who::NoEnv(name) => !request.env.contains(&**name),
        Who::From(networks) => networks.iter().any(|network| network.contains(client)),
    })
}
