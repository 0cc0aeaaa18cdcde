//! mod_lua: hooks and handlers in Lua.

use crate::registry::{Arity, Contexts, Maker, Module, Row};

const WHY: &str = "wsgate runs no Lua; use RewriteRule, Header or <If>, or let the backend do it";

/// The module's table.
pub const MODULE: Module = Module {
    name: "mod_lua",
    identifier: "lua_module",
    file: "mod_lua.c",
    maker: Maker::Httpd,
    implemented: false,
    rows: &[
        Row::refused("<LuaHookAccessChecker>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookAuthChecker>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookCheckUserID>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookFixups>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookMapToStorage>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookPreTranslateName>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookTranslateName>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaHookTypeChecker>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("<LuaQuickHandler>", Contexts::ANYWHERE, Arity::Block, WHY),
        Row::refused("Lua_____ByteCodeHack", Contexts::ANYWHERE, Arity::Raw, WHY),
        Row::refused("LuaAuthzProvider", Contexts::CONFIG, Arity::Between(3, 3), WHY),
        Row::refused("LuaCodeCache", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("LuaHookAccessChecker", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("LuaHookAuthChecker", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("LuaHookCheckUserID", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("LuaHookFixups", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaHookInsertFilter", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaHookLog", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaHookMapToStorage", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaHookPreTranslateName", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaHookTranslateName", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("LuaHookTypeChecker", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaInherit", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("LuaInputFilter", Contexts::ANYWHERE, Arity::Between(3, 3), WHY),
        Row::refused("LuaMapHandler", Contexts::ANYWHERE, Arity::Between(2, 3), WHY),
        Row::refused("LuaOutputFilter", Contexts::ANYWHERE, Arity::Between(3, 3), WHY),
        Row::refused("LuaPackageCPath", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("LuaPackagePath", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("LuaQuickHandler", Contexts::ANYWHERE, Arity::Between(2, 2), WHY),
        Row::refused("LuaRoot", Contexts::ANYWHERE, Arity::ONE, WHY),
        Row::refused("LuaScope", Contexts::ANYWHERE, Arity::Between(1, 3), WHY),
    ],
};
