//! whisper.cpp behind the trait of `engine_process`: Spanish, the likeliest token each time, nothing carried over from one
//! portion to the next. The same file, portion and machine give the same answer.

use std::path::Path;

use engine_process::protocol::Refusal;
use engine_process::serve::{Engine, still_working};
use whisper::protocol::{Answer, LONGEST_PROMPT, MOST_SAMPLES, SAMPLE_RATE, Segment, Task};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperState,
};

use crate::words::{Token, words};

/// The only language that is written.
const LANGUAGE: &str = "es";
/// What whisper.cpp hears as too short is filled up with silence to this.
pub(crate) const SHORTEST: usize = SAMPLE_RATE;
/// Never reached: whether nobody spoke is judged by who asks, with more knowledge than this program has.
const NEVER: f32 = 2.0;

/// A model in memory that listens.
pub(crate) struct Listening {
    context: WhisperContext,
    state: WhisperState,
    threads: i32,
}

impl Listening {
    /// Reads a model file.
    pub(crate) fn load(path: &Path) -> Result<Self, Refusal> {
        // Not a line of native code's chatter.
        whisper_rs::install_logging_hooks();
        let path = path.to_str().ok_or(Refusal::Model)?;
        let context = WhisperContext::new_with_params(path, WhisperContextParameters::default())
            .map_err(|_| Refusal::Model)?;
        // One for English only would write English, whatever is said.
        if !context.is_multilingual() {
            return Err(Refusal::Model);
        }
        let state = context.create_state().map_err(|_| Refusal::Model)?;
        Ok(Self { context, state, threads: threads() })
    }

    /// The size of the model, as whisper.cpp calls it.
    pub(crate) fn name(&self) -> String {
        self.context.model_type_readable_str_lossy().map(Into::into).unwrap_or_default()
    }

    /// How whisper.cpp is to listen: no second try at another temperature, no words of the portion before as a hint.
    fn parameters(&self, prompt: &str) -> FullParams<'static, 'static> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_language(Some(LANGUAGE));
        parameters.set_n_threads(self.threads);
        parameters.set_no_context(true);
        parameters.set_token_timestamps(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature(0.0);
        parameters.set_temperature_inc(0.0);
        parameters.set_no_speech_thold(NEVER);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        // Asked after the sound went through the encoder and after each token. A closure that holds anything, or a pointer to a
        // function, would be read from the wrong place by the binding.
        parameters.set_abort_callback_safe(|| {
            still_working();
            false
        });
        if !prompt.is_empty() {
            parameters.set_initial_prompt(prompt);
        }
        parameters
    }

    fn listen(&mut self, task: &Task) -> Result<Answer, WhisperError> {
        let mut samples = task.samples.clone();
        samples.resize(samples.len().max(SHORTEST), 0.0);
        self.state.full(self.parameters(&task.prompt), &samples)?;
        let last_ms = u32::try_from(task.samples.len() * 1000 / SAMPLE_RATE).unwrap_or(u32::MAX);
        Ok(Answer { segments: self.segments(last_ms) })
    }

    fn segments(&self, last_ms: u32) -> Vec<Segment> {
        let end_of_text = self.context.token_eot();
        let mut segments = Vec::new();
        for segment in self.state.as_iter() {
            let tokens = (0..segment.n_tokens()).filter_map(|at| segment.get_token(at));
            let tokens: Vec<Token> = tokens
                .filter(|token| token.token_id() < end_of_text)
                .filter_map(|token| {
                    let data = token.token_data();
                    let bytes = token.to_bytes().ok()?.to_vec();
                    Some(Token { bytes, start: data.t0, end: data.t1, likelihood: data.p })
                })
                .collect();
            let logs: f32 = tokens.iter().map(|token| token.likelihood.max(f32::MIN_POSITIVE).ln()).sum();
            let mean_log = logs / tokens.len().max(1) as f32;
            let words = words(&tokens, last_ms);
            segments.push(Segment { words, mean_log });
        }
        segments
    }
}

impl Engine for Listening {
    type Task = Task;

    fn write(&mut self, task: &Task) -> Result<Answer, Refusal> {
        acceptable(task)?;
        self.listen(task).map_err(|_| Refusal::Engine)
    }
}

/// One core is left to the pages: threads that wait for a core make all of them wait.
pub(crate) fn threads() -> i32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    i32::try_from(cores.saturating_sub(1).max(1)).unwrap_or(1)
}

/// Refuses what no engine is asked.
pub(crate) fn acceptable(task: &Task) -> Result<(), Refusal> {
    let sound = task.samples.iter().all(|sample| sample.is_finite());
    if task.samples.len() > MOST_SAMPLES || task.prompt.len() > LONGEST_PROMPT {
        return Err(Refusal::TooLong);
    }
    // The libraries take text without a zero byte only.
    if task.samples.is_empty() || !sound || task.prompt.contains('\0') {
        Err(Refusal::Question)
    } else {
        Ok(())
    }
}
