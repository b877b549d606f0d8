-- Words by which a person took a matter of its own out of a strand: what says them goes there from now on.
CREATE TABLE splits (strand INTEGER NOT NULL, word TEXT NOT NULL, into_strand INTEGER NOT NULL, PRIMARY KEY (strand, word)) WITHOUT ROWID;
