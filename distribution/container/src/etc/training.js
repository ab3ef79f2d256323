// What the classes of the AOT cache are taken from: an ordinary start of a script.
console.log('ready');
