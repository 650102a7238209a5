//! A Rust file taken apart: code without comments and strings, and the strings.

/// What a file says, place by place.
pub(crate) struct Source {
    /// The code; comments, strings and character literals are blanks. Lines stay where they are.
    pub(crate) code: String,
    /// Line (from 1) and content of every string literal.
    pub(crate) strings: Vec<(usize, String)>,
}

impl Source {
    pub(crate) fn of(text: &str) -> Self {
        let mut reader = Reader {
            chars: text.chars().collect(),
            at: 0,
            line: 1,
            out: Self {
                code: String::with_capacity(text.len()),
                strings: Vec::new(),
            },
        };
        reader.run();
        reader.out
    }

    /// Lines of code with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines())
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    line: usize,
    out: Source,
}

impl Reader {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    /// Takes one character as a blank and gives it.
    fn blank(&mut self) -> char {
        let c = self.peek(0);
        self.out.code.push(if c == '\n' { '\n' } else { ' ' });
        self.line += usize::from(c == '\n');
        self.at += 1;
        c
    }

    fn keep(&mut self) {
        let c = self.peek(0);
        self.line += usize::from(c == '\n');
        self.out.code.push(c);
        self.at += 1;
    }

    fn done(&self) -> bool {
        self.at >= self.chars.len()
    }

    fn run(&mut self) {
        let mut after_word = false;
        while !self.done() {
            let c = self.peek(0);
            let word = c == '_' || c.is_alphanumeric();
            match c {
                '/' if self.peek(1) == '/' => {
                    while !self.done() && self.peek(0) != '\n' {
                        self.blank();
                    }
                }
                '/' if self.peek(1) == '*' => self.comment(),
                '"' => self.string(),
                'r' if !after_word && self.raw_hashes().is_some() => self.raw(),
                '\'' => self.quote(),
                _ => self.keep(),
            }
            // `b"…"` and `br"…"` are strings as well.
            after_word = word && c != 'b';
        }
    }

    fn comment(&mut self) {
        let mut depth = 0;
        while !self.done() {
            let pair = (self.peek(0), self.peek(1));
            self.blank();
            match pair {
                ('/', '*') => {
                    self.blank();
                    depth += 1;
                }
                ('*', '/') => {
                    self.blank();
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
    }

    fn string(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.blank();
        while !self.done() {
            match self.blank() {
                '"' => break,
                '\\' => text.push(self.blank()),
                c => text.push(c),
            }
        }
        self.out.strings.push((line, text));
    }

    /// The number of `#` if a raw string begins here.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = (1..).take_while(|n| self.peek(*n) == '#').count();
        (self.peek(hashes + 1) == '"').then_some(hashes)
    }

    fn raw(&mut self) {
        let hashes = self.raw_hashes().unwrap_or(0);
        let line = self.line;
        let mut text = String::new();
        for _ in 0..hashes + 2 {
            self.blank();
        }
        while !self.done() {
            let closes = self.peek(0) == '"' && (1..=hashes).all(|n| self.peek(n) == '#');
            if closes {
                for _ in 0..=hashes {
                    self.blank();
                }
                break;
            }
            text.push(self.blank());
        }
        self.out.strings.push((line, text));
    }

    /// A character literal is blanked, a lifetime is kept.
    fn quote(&mut self) {
        if self.peek(1) == '\\' {
            self.blank();
            self.blank();
            self.blank();
            while !self.done() && self.blank() != '\'' {}
        } else if self.peek(2) == '\'' {
            for _ in 0..3 {
                self.blank();
            }
        } else {
            self.keep();
        }
    }
}
