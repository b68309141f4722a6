/** Whether the pages of documents are here: the build of them, in editor/, puts a file in place of this one that says so. */
export const documents = false;
