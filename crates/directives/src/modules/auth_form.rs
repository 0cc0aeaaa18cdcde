//! mod_auth_form: logins by an HTML form.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate has no login forms; let the backend log users in, or use AuthType Basic over TLS";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_auth_form",
    identifier: "auth_form_module",
    file: "mod_auth_form.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("AuthFormAuthoritative", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthFormBody", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormDisableNoStore", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthFormFakeBasicAuth", Contexts::AUTH_CONFIG, Arity::Flag, WHY),
        Row::refused("AuthFormLocation", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormLoginRequiredLocation", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormLoginSuccessLocation", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormLogoutLocation", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormMethod", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormMimetype", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormPassword", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormProvider", Contexts::AUTH_CONFIG, Arity::Many, WHY),
        Row::refused("AuthFormSitePassphrase", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
        Row::refused("AuthFormSize", Contexts::SECTION, Arity::ONE, WHY),
        Row::refused("AuthFormUsername", Contexts::AUTH_CONFIG, Arity::ONE, WHY),
    ],
};
