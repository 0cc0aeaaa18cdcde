//! ap_expr, the expression language of `<If>`, `Require expr`, `Header ... expr=` and others: text to a typed tree.
//!
//! Two forms share one grammar: conditions ([`condition`]) and strings with `%{...}` in them ([`string`]). Names are
//! looked up here, so an unknown variable or function is an error of the configuration, as in httpd; nothing is
//! evaluated. Source: httpd 2.4's docs/manual/expr and its scanner and grammar; where they differ, the latter.

mod grammar;
mod mentions;
mod strings;
mod token;
mod vocabulary;

use std::cmp::Ordering;
use std::fmt;

use crate::interpret;
use crate::regex::{CompileError, Regex};
use crate::subnet::{Subnet, SubnetError};
use crate::words::Arg;
pub use vocabulary::{FileTest, Function, Glob, Subrequest, TimePart, Transform, Variable};

/// A parsed expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr<T> {
    /// The tree: a [`Condition`] or a [`Word`].
    pub root: T,
    /// What it asks of the server beyond the request, in order of appearance: not every server or phase can answer.
    pub needs: Vec<Need>,
}

impl Expr<Word> {
    /// The text, if it is the same for every request.
    pub fn constant(&self) -> Option<&[u8]> {
        match &self.root {
            Word::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// One place where an expression needs more than the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Byte offset in the expression.
    pub offset: usize,
    /// What stands there: `file`, `-f`, `REMOTE_HOST`.
    pub name: &'static str,
    /// What has to answer it.
    pub facility: Facility,
}

/// What an expression may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facility {
    /// The content or size of a file: `file()`, `filesize()`.
    FileContent,
    /// The kind of a file: `-d -e -f -h -L -s -x`.
    FileStatus,
    /// Owner or time of the file that the request is mapped to: `SCRIPT_USER`, `SCRIPT_GROUP`, `LAST_MODIFIED`.
    RequestFile,
    /// A subrequest: `-A -F -U`.
    Subrequest,
    /// The client's name in the DNS: `REMOTE_HOST`.
    HostName,
    /// RFC 1413: `REMOTE_IDENT`.
    Ident,
    /// Extensions of the client's certificate: `PeerExtList()`.
    PeerExtensions,
}

/// Something that is true or false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `true`, `false`.
    Constant(bool),
    /// `!`, and the negative operators `!~` and `-n`.
    Not(Box<Condition>),
    /// `&&`, two or more, left to right up to the first false one.
    All(Vec<Condition>),
    /// `||`, two or more, left to right up to the first true one.
    Any(Vec<Condition>),
    /// `a == b`, `a -lt b`.
    Compare {
        /// The left side.
        left: Word,
        /// How both are compared.
        comparison: Comparison,
        /// The right side.
        right: Word,
    },
    /// `a -in {...}`.
    In {
        /// What is looked for.
        needle: Word,
        /// Where.
        list: List,
    },
    /// `a =~ /b/`; a pattern with groups sets what `$0` to `$9` stand for from here on.
    Matches(Word, Regex),
    /// `a -strmatch b` and its kin.
    Glob {
        /// What is matched.
        subject: Word,
        /// Case and slashes.
        rule: Glob,
        /// The shell pattern.
        pattern: Word,
    },
    /// `a -ipmatch 'b'`.
    AddressIn(Word, Subnet),
    /// `-R 'a'`: the client's address.
    ClientIn(Subnet),
    /// `-z a`.
    Empty(Word),
    /// `-T a`.
    True(Word),
    /// `-f a` and its kin.
    File(FileTest, Word),
    /// `-U a` and its kin.
    Subrequest(Subrequest, Word),
}

/// How two words are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// As what.
    pub kind: ComparisonKind,
    /// What has to hold.
    pub relation: Relation,
}

/// As what two words are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparisonKind {
    /// As bytes: `==`, `<`.
    Text,
    /// As the integers they start with: `-eq`, `lt`.
    Number,
}

/// What has to hold between two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the operators' own names")]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// Whether it holds for words that stand so to each other.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// What `-in` searches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum List {
    /// `{ a, b }`.
    Words(Vec<Word>),
    /// `PeerExtList(a)`: the values of an extension of the client's certificate.
    PeerExtensions(Word),
}

/// Something that has a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Fixed text, escapes resolved.
    Text(Vec<u8>),
    /// A bare number; text too, but not where a quoted constant is asked for.
    Digits(Vec<u8>),
    /// Parts in a row: `a . b`, or text and variables in one string.
    Concat(Vec<Word>),
    /// `%{NAME}`.
    Variable(Variable),
    /// `%{SSL_NAME}`, the name in capitals: mod_ssl knows these; one it does not know is empty.
    Ssl(String),
    /// `$0` to `$9`.
    Backref(usize),
    /// `name(a)`, `%{name:a}`; also `%{HTTP_HOST}` and the other variables that are request headers.
    Call(Function, Box<Word>),
}

impl Word {
    /// `%{SSL:NAME}`.
    pub fn ssl(name: &[u8]) -> Self {
        Self::Call(Function::Ssl, Box::new(Self::Text(name.to_vec())))
    }

    /// The variable of a name, as `%{SSL:NAME}` looks it up at request time.
    pub fn variable(name: &[u8]) -> Option<Self> {
        vocabulary::variable(name).map(|(word, _)| word)
    }
}

/// Whose expression it is; httpd lets `.htaccess` use neither `file()` nor `filesize()`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The server's configuration.
    Server,
    /// An `.htaccess` file.
    Htaccess,
}

/// Reads a condition.
///
/// # Errors
/// The first place that is not right, including names that do not exist.
pub fn condition(source: &[u8], trust: Trust) -> Result<Expr<Condition>, Error> {
    grammar::condition(source, trust)
}

/// Reads a string expression: text, `%{NAME}`, `%{function:argument}`, `$0` to `$9`.
///
/// # Errors
/// The first place that is not right, including names that do not exist.
pub fn string(source: &[u8], trust: Trust) -> Result<Expr<Word>, Error> {
    grammar::string(source, trust)
}

/// Where and why an expression cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Byte offset in the expression.
    pub offset: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl Error {
    /// A handler's refusal of the argument `arg`, in which the expression begins at the byte `start`.
    pub fn refusal(&self, arg: &Arg, start: usize) -> interpret::Problem {
        let message = format!("bad expression: {}", self.problem);
        interpret::Problem::within(arg, start + self.offset, message).code("bad-expression")
    }
}

/// Why an expression cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Something else is required.
    Unexpected {
        /// What stands there; empty at the end.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A string, variable or pattern without its end.
    Unterminated(&'static str),
    /// `\8`, or an octal escape that is no byte or the zero byte.
    BadEscape,
    /// Longer than httpd's 8191 bytes.
    TooLong(&'static str),
    /// More parentheses, calls or variables inside each other than anyone would write.
    TooDeep,
    /// A name that httpd does not know: what it should have been, and the name.
    Unknown(&'static str, String),
    /// Not allowed in `.htaccess`.
    Restricted(&'static str),
    /// The pattern does not compile.
    Regex(CompileError),
    /// `-R` and `-ipmatch` take a quoted constant.
    SubnetNotConstant,
    /// The address of `-R` or `-ipmatch` is none.
    Subnet(SubnetError),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unexpected { found, expected } if found.is_empty() => {
                write!(f, "the expression ends where {expected} is expected")
            }
            Self::Unexpected { found, expected } => write!(f, "unexpected `{found}`, expected {expected}"),
            Self::Unterminated(what) => write!(f, "unterminated {what}"),
            Self::BadEscape => f.write_str("bad escape sequence"),
            Self::TooLong(what) => write!(f, "{what} too long"),
            Self::TooDeep => f.write_str("nested too deeply"),
            Self::Unknown(what, name) => write!(f, "{what} `{name}` does not exist"),
            Self::Restricted(name) => write!(f, "`{name}` is not available in .htaccess"),
            Self::Regex(error) => write!(f, "pattern does not compile: {error}"),
            Self::SubnetNotConstant => f.write_str("address or network has to be a quoted constant"),
            Self::Subnet(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.problem, self.offset)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests;
