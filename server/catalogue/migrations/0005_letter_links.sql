-- Where the link of a letter leads: the name the person asked under, which the desk on this computer does not know.
alter table letters add column link_base text;
