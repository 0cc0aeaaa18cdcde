//! Where a piece of configuration stands: file, line, column, and the trail of Includes that led there.
//!
//! A [`FileId`] names one *reading* of a file: a file that is included twice has two ids with two trails.

use std::sync::Arc;

/// One reading of a file, an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// A stretch of bytes within one physical line of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The reading of the file.
    pub file: FileId,
    /// Physical line, counted from 1.
    pub line: u32,
    /// Column in bytes, counted from 1.
    pub column: u32,
    /// Length in bytes; 0 marks a point.
    pub len: u32,
}

/// What brought a file, or a macro's body, into the configuration.
#[derive(Clone, Debug)]
pub enum Origin {
    /// The file named on the command line.
    Root,
    /// An Include or IncludeOptional at this place.
    Include(Span),
    /// `Use` of a macro: where it is used. The text is the macro's body after substitution.
    Macro {
        /// The macro's name as written in `<Macro>`.
        name: String,
        /// The place of the `Use`.
        used: Span,
        /// The place of the `<Macro>`.
        defined: Span,
    },
}

/// A file's bytes under the path by which it was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as httpd would print it.
    pub path: String,
    /// The whole content.
    pub text: Arc<[u8]>,
    /// What brought it in.
    pub origin: Origin,
}

/// All files that were read, in reading order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The number of the first file's id.
    first: u32,
    files: Vec<SourceFile>,
}

impl Sources {
    /// No files yet; the first will have the id that follows so many others.
    pub fn behind(others: usize) -> Self {
        Self { first: u32::try_from(others).unwrap_or(u32::MAX), files: Vec::new() }
    }

    /// The id of the first file.
    pub fn first(&self) -> FileId {
        FileId(self.first)
    }

    /// How many files were read.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Which of the files, counted from 0, has an id; beyond [`Sources::count`] if none has.
    pub fn index(&self, id: FileId) -> usize {
        id.0.checked_sub(self.first).map_or(usize::MAX, |index| index as usize)
    }

    /// Takes a file in and names it.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        let index = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        self.files.push(file);
        FileId(self.first.saturating_add(index))
    }

    /// The file of an id that [`Sources::add`] gave.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[self.index(id)]
    }

    /// All readings with their ids, in reading order.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (self.first..).map(FileId).zip(&self.files)
    }

    /// The places that led to `id`, innermost first; empty for the root file.
    pub fn trail(&self, id: FileId) -> Vec<Span> {
        let mut trail = Vec::new();
        let mut at = id;
        loop {
            match &self.file(at).origin {
                Origin::Root => return trail,
                Origin::Include(span) | Origin::Macro { used: span, .. } => {
                    trail.push(*span);
                    at = span.file;
                }
            }
        }
    }

    /// The physical line that a place is on, without its end.
    pub fn line(&self, span: Span) -> &[u8] {
        let index = span.line.saturating_sub(1) as usize;
        let line = self.file(span.file).text.split(|byte| *byte == b'\n').nth(index).unwrap_or_default();
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// The physical line on which the line that a place stands on ends, continuations taken into account: where
    /// httpd reports what is wrong with it.
    pub fn last_line(&self, span: Span) -> u32 {
        let behind = span.line.saturating_sub(1) as usize;
        let lines = self.file(span.file).text.split(|byte| *byte == b'\n').skip(behind);
        let continued = |line: &&[u8]| line.strip_suffix(b"\r").unwrap_or(line).ends_with(b"\\");
        // What stands behind the last line feed is empty, or a line that nothing continues.
        let all = self.file(span.file).text.iter().filter(|byte| **byte == b'\n').count();
        let more = lines.take_while(continued).count().min((all + 1).saturating_sub(span.line as usize));
        span.line.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }

    /// `path:line`, the way logs and listings name a place.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}", self.file(span.file).path, span.line)
    }
}
