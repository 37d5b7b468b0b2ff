//! What is asked of the process of the language model, and what it answers, in the lines of `engine_process::protocol`.

use serde::{Deserialize, Serialize};

/// Something to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// What the model is told to do.
    pub system: String,
    /// What it is given to do it with.
    pub user: String,
    /// The JSON schema the answer is kept inside.
    pub schema: serde_json::Value,
    /// The longest answer, in tokens of the model.
    pub max_tokens: u32,
}

impl engine_process::protocol::Task for Task {
    type Answer = Answer;
}

/// An answer of the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// JSON inside the schema, if `complete`.
    pub text: String,
    /// The model ended by itself; otherwise the answer was cut and is no whole JSON.
    pub complete: bool,
    /// Tokens of the question.
    pub asked_tokens: u32,
    /// Tokens of the answer.
    pub written_tokens: u32,
}
