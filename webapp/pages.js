/* Pages that need a build. The build replaces this file. */
export const documents = false;
/** Address of the module of boards, or undefined. */
export const board = undefined;
