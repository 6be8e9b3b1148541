// The one word that the maker of images and the docker engine share.

/** What `npm run images` puts on all that it makes, so that a report can tell it from the public one. */
export const MADE_HERE_LABEL = 'larsen.image';
