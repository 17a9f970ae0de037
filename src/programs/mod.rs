//! The small programs in wharf's own image besides the agent: supervisor, pause, publisher, dialler, hello.

mod hello;
mod publish;
