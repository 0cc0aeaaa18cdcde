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
        Row::refused("AuthFormAuthoritative", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthFormBody", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormDisableNoStore", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthFormFakeBasicAuth", Contexts::ACCESS, Arity::Flag, WHY),
        Row::refused("AuthFormLocation", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormLoginRequiredLocation", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormLoginSuccessLocation", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormLogoutLocation", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormMethod", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormMimetype", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormPassword", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormProvider", Contexts::ACCESS, Arity::Many, WHY),
        Row::refused("AuthFormSitePassphrase", Contexts::ACCESS, Arity::ONE, WHY),
        Row::refused("AuthFormSize", Contexts::SECTION, Arity::ONE, WHY),
        Row::refused("AuthFormUsername", Contexts::ACCESS, Arity::ONE, WHY),
    ],
};
