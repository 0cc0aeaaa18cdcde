//! mod_env: SetEnv and PassEnv.

use crate::request::Request;

/// Puts the variables behind those that are set already, where they do not hide them (`fixup_env_module`, which
/// overlays the tables).
pub(crate) fn fixup(request: &mut Request) {
    let dir = request.dir.clone();
    for (name, value) in &dir.env.vars {
        request.env.add(name.as_bytes().to_vec(), value.as_bytes().to_vec());
    }
}
