-- One database for each service that keeps something; `registry` is made by the image.
CREATE DATABASE risk ENCODING 'UTF8';
CREATE DATABASE alerting ENCODING 'UTF8';
