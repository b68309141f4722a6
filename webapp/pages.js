/** Whether the document pages exist. Their build, in editor/, replaces this file by one with the value true. */
export const documents = false;
