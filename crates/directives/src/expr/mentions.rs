//! Which variables an expression looks at.

use super::{Condition, List, Variable, Word};

impl Condition {
    /// Whether a variable occurs in it, evaluated or not.
    pub fn mentions(&self, variable: Variable) -> bool {
        let word = |word: &Word| word.mentions(variable);
        match self {
            Self::Constant(_) | Self::ClientIn(_) => false,
            Self::Not(inner) => inner.mentions(variable),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.mentions(variable)),
            Self::Compare { left, right, .. } => word(left) || word(right),
            Self::Glob { subject, pattern, .. } => word(subject) || word(pattern),
            Self::In { needle, list } => {
                word(needle)
                    || match list {
                        List::Words(words) => words.iter().any(word),
                        List::PeerExtensions(name) => word(name),
                    }
            }
            Self::Matches(subject, _)
            | Self::AddressIn(subject, _)
            | Self::Empty(subject)
            | Self::True(subject)
            | Self::File(_, subject)
            | Self::Subrequest(_, subject) => word(subject),
        }
    }
}

impl Word {
    fn mentions(&self, variable: Variable) -> bool {
        match self {
            Self::Variable(this) => *this == variable,
            Self::Concat(parts) => parts.iter().any(|part| part.mentions(variable)),
            Self::Call(_, argument) => argument.mentions(variable),
            Self::Text(_) | Self::Digits(_) | Self::Ssl(_) | Self::Backref(_) => false,
        }
    }
}
