/** The words on the widget's own frame. What the business and the assistant say comes from the server. */
const WORDS = {
  en: {
    chat: "Chat", close: "Close chat", conversation: "Conversation", message: "Your message", write: "Write a message…",
    send: "Send", sending: "Sending…", queued: "Waiting for a connection…", failed: "Not sent.", retry: "Try again",
    you: "You", assistant: "Assistant", agent: "Agent", system: "Notice", read: "Read",
    today: "Today", yesterday: "Yesterday", suggestions: "Suggestions", choices: "Choices", newer: "New messages",
    left: (n) => `${n} characters left`, over: (n) => `${n} characters too many`,
    typing: (name) => `${name} is writing…`,
    offline: "No connection. Your messages are kept and sent as soon as it is back.",
    slow: "The assistant is slower than usual. Your message is safe.",
    waiting: (position) => (position ? `You are number ${position} in line` : "You are in line for a person"),
    wait: (low, high) => (low === high ? `about ${high} min` : `about ${low}–${high} min`),
    withAgent: (name) => `You are talking with ${name}`, resolved: "This conversation is closed. Write to start again.",
  },
  es: {
    chat: "Chat", close: "Cerrar el chat", conversation: "Conversación", message: "Su mensaje", write: "Escriba un mensaje…",
    send: "Enviar", sending: "Enviando…", queued: "Esperando conexión…", failed: "No enviado.", retry: "Reintentar",
    you: "Usted", assistant: "Asistente", agent: "Agente", system: "Aviso", read: "Leído",
    today: "Hoy", yesterday: "Ayer", suggestions: "Sugerencias", choices: "Opciones", newer: "Mensajes nuevos",
    left: (n) => `Quedan ${n} caracteres`, over: (n) => `Sobran ${n} caracteres`,
    typing: (name) => `${name} está escribiendo…`,
    offline: "Sin conexión. Sus mensajes se guardan y se enviarán en cuanto vuelva.",
    slow: "El asistente tarda más de lo normal. Su mensaje está guardado.",
    waiting: (position) => (position ? `Es el número ${position} en la fila` : "Está en la fila para hablar con una persona"),
    wait: (low, high) => (low === high ? `unos ${high} min` : `entre ${low} y ${high} min`),
    withAgent: (name) => `Está hablando con ${name}`, resolved: "Esta conversación está cerrada. Escriba para empezar de nuevo.",
  },
};

const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

const base = (language) => String(language).toLowerCase().split("-")[0];

/** The words of a language (`es-MX` reads as `es`), English where we have none. */
export const wordsFor = (language) => WORDS[base(language)] ?? WORDS.en;

/** "rtl" or "ltr". */
export const directionOf = (language) => (RIGHT_TO_LEFT.has(base(language)) ? "rtl" : "ltr");

export const LANGUAGES = Object.keys(WORDS);
