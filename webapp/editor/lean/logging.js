/* Replaces `lib0/logging`, from which yjs takes two functions: its colours and pictures for the console were a tenth of the board's code. */

export const [BOLD, UNBOLD, ORANGE, RED] = ['', '', '', ''];
export const print = (...parts) => console.log(...parts.filter(part => part !== ''));
export const warn = (...parts) => console.warn(...parts);
