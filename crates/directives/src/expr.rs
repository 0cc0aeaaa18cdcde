//! ap_expr: conditions of `<If>` and strings with variables.

use crate::interpret::Problem;
use crate::words::Arg;

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// As written.
    pub source: Box<[u8]>,
}

impl Expr {
    /// Reads a condition.
    ///
    /// # Errors
    /// A text that is no expression.
    pub fn condition(arg: &Arg) -> Result<Self, Problem> {
        Ok(Self { source: arg.as_bytes().into() })
    }
}
