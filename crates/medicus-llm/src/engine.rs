//! llama.cpp behind the trait of `engine_process`: a chat template around the task, the answer kept inside the schema by
//! llguidance, the likeliest token each time. The same file, task and machine give the same answer.

use std::num::NonZeroU32;
use std::path::Path;

use anyhow::Context as _;
use engine_process::protocol::Refusal;
use engine_process::serve::{Engine, still_working};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::LlamaBackend;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaChatMessage, LlamaModel};
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use llm::protocol::{Answer, Task};

/// The longest context that is used, whatever the model could: memory grows with it.
const CONTEXT: u32 = 8_192;
/// Tokens that are read at once.
const BATCH: usize = 512;
/// An answer that cannot have this many tokens is not begun.
const SHORTEST_ANSWER: u32 = 256;

/// A model in memory.
pub(crate) struct Llama {
    backend: LlamaBackend,
    model: LlamaModel,
}

impl Llama {
    /// Reads a model file.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let mut backend = LlamaBackend::init()?;
        backend.void_logs();
        let model = LlamaModel::load_from_file(&backend, path, &LlamaModelParams::default())?;
        Ok(Self { backend, model })
    }

    /// What answers with this model.
    pub(crate) fn engine(&self) -> Result<Writing<'_>, Refusal> {
        self.writing().map_err(|_| Refusal::Model)
    }

    fn writing(&self) -> anyhow::Result<Writing<'_>> {
        // One core is left to the pages: threads of ggml that wait for a core make all of them wait.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = i32::try_from(cores.saturating_sub(1).max(1))?;
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(CONTEXT.min(self.model.n_ctx_train())))
            .with_n_batch(u32::try_from(BATCH)?)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        let context = self.model.new_context(&self.backend, params)?;
        let factory = ParserFactory::new_simple(&LlamaSampler::llguidance_tok_env(&self.model))?;
        Ok(Writing { model: &self.model, context, factory })
    }
}

/// A model that answers.
pub(crate) struct Writing<'a> {
    model: &'a LlamaModel,
    context: LlamaContext<'a>,
    factory: ParserFactory,
}

impl Writing<'_> {
    /// The model's own name.
    pub(crate) fn name(&self) -> String {
        self.model.meta_val_str("general.name").unwrap_or_default()
    }

    /// Tokens of a question and its answer together.
    fn context(&self) -> u32 {
        self.context.n_ctx()
    }

    /// The task as the model was taught to be asked.
    fn question(&self, task: &Task) -> anyhow::Result<Vec<LlamaToken>> {
        let text = match self.model.chat_template(None) {
            Ok(template) => {
                let chat = [
                    LlamaChatMessage::new("system".to_owned(), task.system.clone())?,
                    LlamaChatMessage::new("user".to_owned(), task.user.clone())?,
                ];
                self.model.apply_chat_template(&template, &chat, true)?
            }
            // A model that was never taught to chat goes on with the text.
            Err(_) => format!("{}\n\n{}\n", task.system, task.user),
        };
        Ok(self.model.vocab().tokenize(text.as_bytes(), true, true))
    }

    /// Reads the question into an empty context; the place of its last token in the last batch.
    fn read(&mut self, question: &[LlamaToken]) -> anyhow::Result<i32> {
        self.context.clear_kv_cache();
        let mut batch = LlamaBatch::new(BATCH, 1);
        let last = question.len().saturating_sub(1);
        let mut at = 0;
        for portion in question.chunks(BATCH) {
            batch.clear();
            for token in portion {
                batch.add(*token, i32::try_from(at)?, &[0], at == last)?;
                at += 1;
            }
            self.context.decode(&mut batch)?;
            still_working();
        }
        Ok(batch.n_tokens() - 1)
    }

    /// Writes until the model ends or has written `limit` tokens.
    fn answer(
        &mut self,
        question: &[LlamaToken],
        schema: &serde_json::Value,
        limit: u32,
    ) -> anyhow::Result<Answer> {
        let mut schema = schema.clone();
        if let Some(schema) = schema.as_object_mut() {
            // A weak model would fill its answer with empty lines, which JSON allows between any two words.
            schema.insert("x-guidance".to_owned(), serde_json::json!({ "whitespace_flexible": false }));
        }
        let grammar = TopLevelGrammar::from_json_schema(schema);
        let matcher = Matcher::new(self.factory.create_parser(grammar));
        if let Some(error) = matcher.get_error() {
            anyhow::bail!(error);
        }
        let mut sampler = LlamaSampler::chain_simple([LlamaSampler::from(matcher), LlamaSampler::greedy()]);
        let mut place = self.read(question)?;
        let mut batch = LlamaBatch::new(1, 1);
        let mut bytes = Vec::new();
        let mut written = 0;
        let mut complete = false;
        while written < limit {
            let token = sampler.sample(&self.context, place);
            if self.model.vocab().is_eog(token) {
                complete = true;
                break;
            }
            bytes.extend(self.model.vocab().token_to_piece(token, false, None));
            let at = question.len() + written as usize;
            written += 1;
            batch.clear();
            batch.add(token, i32::try_from(at)?, &[0], true)?;
            self.context.decode(&mut batch)?;
            still_working();
            place = 0;
        }
        let text = String::from_utf8(bytes).context("not a text")?;
        Ok(Answer { text, complete, asked_tokens: u32::try_from(question.len())?, written_tokens: written })
    }
}

impl Engine for Writing<'_> {
    type Task = Task;

    fn write(&mut self, task: &Task) -> Result<Answer, Refusal> {
        let question = self.question(task).map_err(|_| Refusal::Question)?;
        let room = u32::try_from(question.len()).ok().and_then(|asked| self.context().checked_sub(asked));
        let room =
            room.filter(|room| *room >= SHORTEST_ANSWER.min(task.max_tokens)).ok_or(Refusal::TooLong)?;
        self.answer(&question, &task.schema, room.min(task.max_tokens)).map_err(|_| Refusal::Engine)
    }
}
